use super::*;

fn of(values: impl IntoIterator<Item = f64>) -> Sketch {
    let mut sketch = Sketch::default();
    values.into_iter().for_each(|value| sketch.add(value));
    sketch
}

/// Numbers that look random and are the same each time.
fn noise(count: u32) -> impl Iterator<Item = f64> {
    let mut state = 12_345_u64;
    (0..count).map(move |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 44).unwrap())
    })
}

#[test]
fn a_percentile_is_within_a_hundredth_of_the_truth() {
    let mut values: Vec<f64> = noise(10_000).collect();
    let sketch = of(values.iter().copied());
    values.sort_by(f64::total_cmp);
    for (share, rank) in [(0.0, 0), (0.01, 99), (0.5, 4_999), (0.95, 9_499), (1.0, 9_999)] {
        let (found, truth) = (sketch.quantile(share).unwrap(), values[rank]);
        assert!((found - truth).abs() <= truth * ERROR * 1.000_1, "{share}: {found} for {truth}");
    }
}

#[test]
fn parts_that_are_merged_are_the_whole_in_whatever_order() {
    let whole = of(noise(1_000));
    let values: Vec<f64> = noise(1_000).collect();
    let parts: Vec<Sketch> = values.chunks(77).map(|part| of(part.iter().copied())).collect();
    let mut forward = Sketch::default();
    parts.iter().for_each(|part| forward.merge(part));
    let mut backward = Sketch::default();
    parts.iter().rev().for_each(|part| backward.merge(part));
    assert_eq!((&forward, &backward), (&whole, &whole));
}

#[test]
fn nothing_has_no_percentile_and_zero_is_a_number() {
    assert_eq!(Sketch::default().quantile(0.5), None);
    assert_eq!(of([0.0, 0.0, 900.0]).quantile(0.5), Some(0.0));
}

#[test]
fn bytes_come_back_as_they_were_and_broken_ones_are_refused() {
    for sketch in [Sketch::default(), of([0.0]), of([1e-9, 0.5, 1.0, 4_294_967_295.0, 1e300]), of(noise(500))]
    {
        let bytes = sketch.to_bytes();
        assert_eq!(Sketch::from_bytes(&bytes), Ok(sketch));
    }
    let bytes = of([5.0]).to_bytes();
    assert_eq!(Sketch::from_bytes(&bytes[..bytes.len() - 1]), Err(NoSketch::Broken));
    assert_eq!(Sketch::from_bytes(&[]), Err(NoSketch::Broken));
    assert_eq!(Sketch::from_bytes(&[2, 0, 1]), Err(NoSketch::TooNew(2)));
    assert_eq!(Sketch::from_bytes(&[1, 0, 1, 0, 1]), Err(NoSketch::Broken), "a bucket stands there twice");
    assert_eq!(Sketch::from_bytes(&[1; 12]), Err(NoSketch::Broken));
}

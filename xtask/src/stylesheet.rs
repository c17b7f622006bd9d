//! Puts the style sheets into one: `@import "file.css";` lines are replaced by the file they name.
//!
//! Reads plain CSS line by line and changes nothing else. An import that it does not understand is an error,
//! never silently kept: the browser would ask for a file that the site does not have.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Imports inside imports; deeper is surely a circle.
const IMPORT_DEPTH_MAX: u32 = 8;

/// The style sheet with its imports in place. `None` if there is no such file.
///
/// # Errors
/// If an import cannot be understood or read.
pub(crate) fn bundle(entry: &Path) -> Result<Option<String>> {
    if !entry.exists() {
        return Ok(None);
    }
    let mut css = String::new();
    append(entry, 0, &mut css)?;
    Ok(Some(css))
}

fn append(file: &Path, depth: u32, css: &mut String) -> Result<()> {
    if depth > IMPORT_DEPTH_MAX {
        bail!("{}: imports go deeper than {IMPORT_DEPTH_MAX} files; does one import itself?", file.display());
    }
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    for (index, line) in text.lines().enumerate() {
        let Some(rest) = line.trim_start().strip_prefix("@import") else {
            css.push_str(line);
            css.push('\n');
            continue;
        };
        let import = parse(rest).with_context(|| {
            format!("{}:{}: cannot understand `{}`\n  Write: @import \"file.css\"; or @import \"file.css\" layer(name);",
                file.display(), index + 1, line.trim())
        })?;
        let path: PathBuf = file.parent().unwrap_or(Path::new("")).join(import.file);
        if let Some(layer) = import.layer {
            css.push_str(&format!("@layer {layer} {{\n"));
        }
        append(&path, depth + 1, css)?;
        if import.layer.is_some() {
            css.push_str("}\n");
        }
    }
    Ok(())
}

struct Import<'a> {
    file: &'a str,
    layer: Option<&'a str>,
}

/// Reads what follows `@import`, up to the end of the line.
fn parse(rest: &str) -> Option<Import<'_>> {
    let rest = rest.trim().strip_suffix(';')?.trim();
    let (file, after) = match rest.strip_prefix("url(") {
        Some(inside) => inside.split_once(')')?,
        None => {
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            rest.strip_prefix(quote)?.split_once(quote)?
        }
    };
    let file = file.trim_matches(['"', '\'']);
    let layer = match after.trim() {
        "" => None,
        text => Some(text.strip_prefix("layer(")?.strip_suffix(')')?),
    };
    let is_sibling = !file.is_empty() && !file.contains("//") && !file.starts_with('/');
    is_sibling.then_some(Import { file, layer })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled(main: &str, part: &str) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.css"), main).unwrap();
        fs::write(folder.path().join("part.css"), part).unwrap();
        bundle(&folder.path().join("main.css")).map(Option::unwrap)
    }

    #[test]
    fn an_import_is_replaced_by_its_file() {
        assert_eq!(bundled("@import \"part.css\";\nb {}\n", "a {}\n").unwrap(), "a {}\nb {}\n");
        assert_eq!(bundled("@import url('part.css');\n", "a {}\n").unwrap(), "a {}\n");
    }

    #[test]
    fn an_import_into_a_layer_becomes_that_layer() {
        assert_eq!(
            bundled("@import \"part.css\" layer(base);\n", "a {}\n").unwrap(),
            "@layer base {\na {}\n}\n"
        );
    }

    #[test]
    fn an_import_from_elsewhere_is_refused() {
        assert!(bundled("@import \"https://example.com/a.css\";\n", "").is_err());
        assert!(bundled("@import \"part.css\" print;\n", "").is_err());
    }

    #[test]
    fn a_file_that_imports_itself_is_refused() {
        assert!(bundled("@import \"part.css\";\n", "@import \"part.css\";\n").is_err());
    }

    #[test]
    fn without_an_entry_there_is_no_style() {
        assert!(bundle(Path::new("no/such/main.css")).unwrap().is_none());
    }
}

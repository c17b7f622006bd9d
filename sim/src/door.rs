//! A listening port that can be shut and opened again, as a process that dies and comes back.
//!
//! While shut the port refuses connections, connections that were open are cut, and the port stays
//! reserved so that nobody else can take it. Never reads or writes a byte of its own.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Most connections one port holds at once. More wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 256;

/// The kernel's queue of connections that nobody accepted yet.
const BACKLOG: u32 = 1024;

/// Pause after a failed bind or accept, so that a full table of files does not burn a processor.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// Longest time somebody waits for a door to move.
const SETTLE_MAX: Duration = Duration::from_secs(5);

/// The listening end. Give it to [`axum::serve`], or call [`Listener::accept`] in a loop.
#[derive(Debug)]
pub(crate) struct Door {
    address: SocketAddr,
    hold: Hold,
    wanted: watch::Receiver<bool>,
    open: watch::Sender<bool>,
    permits: Arc<Semaphore>,
    cut: CancellationToken,
}

/// The other end: says whether the door should be open.
#[derive(Debug, Clone)]
pub(crate) struct DoorKey {
    wanted: watch::Sender<bool>,
    open: watch::Receiver<bool>,
}

/// One accepted connection. Breaks when its door shuts.
#[derive(Debug)]
pub(crate) struct Line {
    stream: TcpStream,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    _permit: OwnedSemaphorePermit,
}

#[derive(Debug)]
enum Hold {
    Open(TcpListener),
    /// Bound but not listening: the kernel refuses connections, and the port stays ours.
    Shut(TcpSocket),
    /// Between the two, or after a failed bind.
    Nothing,
}

impl Door {
    /// Listens at `address`; port 0 takes a free one.
    pub(crate) fn open(address: SocketAddr) -> io::Result<(Self, DoorKey)> {
        let listener = reserve(address)?.listen(BACKLOG)?;
        let (wanted_sender, wanted) = watch::channel(true);
        let (open, open_receiver) = watch::channel(true);
        let door = Self {
            address: listener.local_addr()?,
            hold: Hold::Open(listener),
            wanted,
            open,
            permits: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            cut: CancellationToken::new(),
        };
        Ok((door, DoorKey { wanted: wanted_sender, open: open_receiver }))
    }

    /// Where the door is, with the port that was really taken.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Moves the door one step towards `open`. Errors are logged and tried again by the caller's loop.
    async fn bring(&mut self, open: bool) {
        let next = match (std::mem::replace(&mut self.hold, Hold::Nothing), open) {
            (Hold::Open(listener), false) => {
                drop(listener);
                self.cut.cancel();
                reserve(self.address).map(Hold::Shut)
            }
            (Hold::Shut(socket), true) => {
                self.cut = CancellationToken::new();
                socket.listen(BACKLOG).map(Hold::Open)
            }
            (Hold::Nothing, true) => {
                self.cut = CancellationToken::new();
                reserve(self.address).and_then(|socket| socket.listen(BACKLOG)).map(Hold::Open)
            }
            (Hold::Nothing, false) => reserve(self.address).map(Hold::Shut),
            (kept @ Hold::Open(_), true) | (kept @ Hold::Shut(_), false) => Ok(kept),
        };
        match next {
            Ok(hold) => {
                self.hold = hold;
                self.open.send_if_modified(|now| std::mem::replace(now, open) != open);
            }
            Err(error) => {
                tracing::warn!(%error, address = %self.address, "cannot move the port yet");
                sleep(RETRY_PAUSE).await;
            }
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.cut.cancel();
    }
}

impl Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            let wanted = *self.wanted.borrow_and_update();
            self.bring(wanted).await;
            match &self.hold {
                Hold::Nothing => {}
                Hold::Shut(_) => wait_for_change(&mut self.wanted).await,
                Hold::Open(listener) => tokio::select! {
                    () = wait_for_change(&mut self.wanted) => {}
                    accepted = accept_one(listener, &self.permits) => match accepted {
                        Ok((stream, peer, permit)) => {
                            let cut = Box::pin(self.cut.clone().cancelled_owned());
                            return (Line { stream, cut, _permit: permit }, peer);
                        }
                        Err(error) => {
                            tracing::debug!(%error, "a connection was lost before it was accepted");
                            sleep(RETRY_PAUSE).await;
                        }
                    },
                },
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl DoorKey {
    /// Says what the door should be. It moves a moment later; see [`DoorKey::settled`].
    pub(crate) fn want(&self, open: bool) {
        self.wanted.send_if_modified(|now| std::mem::replace(now, open) != open);
    }

    /// Waits until the door is as wanted, at most [`SETTLE_MAX`].
    pub(crate) async fn settled(&self) {
        let wanted = *self.wanted.borrow();
        let mut open = self.open.clone();
        if !matches!(timeout(SETTLE_MAX, open.wait_for(|now| *now == wanted)).await, Ok(Ok(_))) {
            tracing::warn!(wanted, "the port did not move in time");
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_cut(context) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_cut(context) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Line {
    fn is_cut(&mut self, context: &mut Context<'_>) -> bool {
        self.cut.as_mut().poll(context).is_ready()
    }
}

/// A bound socket that does not listen yet.
fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn accept_one(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, permit))
}

/// Returns when the wish changed; never, once nobody can wish any more.
async fn wait_for_change(wanted: &mut watch::Receiver<bool>) {
    if wanted.changed().await.is_err() {
        std::future::pending().await
    }
}

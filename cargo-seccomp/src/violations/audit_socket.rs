//! The kernel's audit records as they are written, from the multicast group that any number of programs may read
//! beside auditd.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::{fs, io};

use nix::errno::Errno;
use nix::sys::socket::sockopt::{RcvBuf, RcvBufForce};
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, setsockopt, socket,
};

use super::source::Event;
use super::wait::{Wait, Woken};

/// `AUDIT_NLGRP_READLOG` of `linux/audit.h`, as a bit.
const READ_LOG: u32 = 1;

/// How much may wait to be read: some ten thousand records, which the kernel counts with all that it keeps of each.
const WAITING: usize = 64 << 20;

/// `MAX_AUDIT_MESSAGE_LENGTH` of `linux/audit.h` is 8970.
const BUFFER: usize = 16 << 10;

/// The length of `struct nlmsghdr`, which says the type of a message in its fifth and sixth byte.
const HEADER: usize = 16;

pub(crate) struct AuditSocket {
    socket: OwnedFd,
    buffer: Box<[u8]>,
    wait: Wait,
}

impl AuditSocket {
    /// Joins the group, for which `CAP_AUDIT_READ` is needed in the first user namespace.
    pub(crate) fn open() -> io::Result<Self> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket = socket(AddressFamily::Netlink, SockType::Raw, flags, SockProtocol::NetlinkAudit)?;
        // Without CAP_NET_ADMIN it is as much as the system's limit allows; either way what overflows is counted.
        if setsockopt(&socket, RcvBufForce, &WAITING).is_err() {
            setsockopt(&socket, RcvBuf, &WAITING).unwrap_or_default();
        }
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, READ_LOG))?;
        Ok(Self { socket, buffer: vec![0; BUFFER].into(), wait: Wait::new()? })
    }

    pub(crate) fn next(&mut self) -> io::Result<Event<'_>> {
        loop {
            if self.wait.ends_rush()? {
                return Ok(Event::Broken);
            }
            match recv(self.socket.as_raw_fd(), &mut self.buffer, MsgFlags::empty()) {
                // Its length is that of the datagram: kernels differ in what they write into the header.
                Ok(read) if read >= HEADER => {
                    let (header, text) = self.buffer[..read].split_at(HEADER);
                    let kind = u16::from_ne_bytes([header[4], header[5]]);
                    return Ok(Event::Message { kind, text: trim(text) });
                }
                Ok(_) | Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => match self.wait.until_readable(self.socket.as_fd())? {
                    Woken::Nothing => return Ok(Event::Idle),
                    Woken::Readable => {}
                    Woken::Stopped => return Ok(Event::End),
                },
                Err(Errno::ENOBUFS) => return Ok(Event::Overrun),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Whether this is known to be another network namespace than the first, to which alone the kernel sends its records.
/// In a container that has its own processes too, the first of those says nothing.
pub(crate) fn is_elsewhere() -> bool {
    let namespace = |process| fs::read_link(format!("/proc/{process}/ns/net")).ok();
    namespace("1").is_some_and(|first| namespace("self").is_some_and(|own| own != first))
}

/// The text without the zeros that fill it up.
fn trim(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte != 0 && *byte != b'\n');
    &text[..end.map_or(0, |last| last + 1)]
}

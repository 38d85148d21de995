//! The kernel's audit records as they are written, from the multicast group that any number of programs can read
//! alongside auditd.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::{fs, io};

use nix::errno::Errno;
use nix::sys::socket::sockopt::{RcvBuf, RcvBufForce};
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, setsockopt, socket,
};

use super::wait::{Wait, Woken};
use crate::event::Event;

/// `AUDIT_NLGRP_READLOG` of `linux/audit.h`, as a bit.
const READ_LOG: u32 = 1;

/// Size of the receive buffer: room for some hundred thousand records, counting the kernel's overhead for each.
const RECEIVE_BUFFER: usize = 64 << 20;

/// `MAX_AUDIT_MESSAGE_LENGTH` of `linux/audit.h` is 8970.
const BUFFER: usize = 16 << 10;

/// The length of `struct nlmsghdr`; its fifth and sixth bytes are the type of the message.
const HEADER: usize = 16;

#[derive(Debug)]
pub(super) struct AuditSocket {
    socket: OwnedFd,
    buffer: Box<[u8]>,
    wait: Wait,
}

impl AuditSocket {
    /// Joins the group, which requires `CAP_AUDIT_READ` in the initial user namespace.
    pub(super) fn open() -> io::Result<Self> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket = socket(AddressFamily::Netlink, SockType::Raw, flags, SockProtocol::NetlinkAudit)?;
        // Without CAP_NET_ADMIN the system's limit applies; either way, what overflows is counted.
        if setsockopt(&socket, RcvBufForce, &RECEIVE_BUFFER).is_err() {
            setsockopt(&socket, RcvBuf, &RECEIVE_BUFFER).unwrap_or_default();
        }
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, READ_LOG))?;
        Ok(Self { socket, buffer: vec![0; BUFFER].into(), wait: Wait::new()? })
    }

    pub(super) fn next_event(&mut self) -> io::Result<Event<'_>> {
        loop {
            if self.wait.is_interrupted()? {
                return Ok(Event::Interrupted);
            }
            match recv(self.socket.as_raw_fd(), &mut self.buffer, MsgFlags::empty()) {
                // The datagram has the length; kernels differ in what they write into the header.
                Ok(read) if read >= HEADER => {
                    let (header, text) = self.buffer[..read].split_at(HEADER);
                    let kind = u16::from_ne_bytes([header[4], header[5]]);
                    return Ok(Event::Message { kind, text: trim(text) });
                }
                Ok(_) | Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => match self.wait.until_readable(self.socket.as_fd())? {
                    Woken::Idle => return Ok(Event::Idle),
                    Woken::Readable => {}
                    Woken::Stopped => return Ok(Event::End),
                },
                Err(Errno::ENOBUFS) => return Ok(Event::Overrun),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Whether this is known not to be the first network namespace, the only one that the kernel sends its records to. In a
/// container with a process namespace of its own this cannot be told: process 1 is one of the container's.
pub(super) fn is_elsewhere() -> bool {
    let namespace = |process| fs::read_link(format!("/proc/{process}/ns/net")).ok();
    namespace("1").is_some_and(|first| namespace("self").is_some_and(|own| own != first))
}

/// The text without its padding.
fn trim(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte != 0 && *byte != b'\n');
    &text[..end.map_or(0, |last| last + 1)]
}

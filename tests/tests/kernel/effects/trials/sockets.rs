//! Sockets, what they are connected to, and who connects to them.

#![expect(clippy::cast_possible_truncation, reason = "descriptors and addresses of low memory are small")]

use super::{DATAGRAM, INET, NONE, STREAM, Trial, trials};

trials! {
    "network" {
        socket: |_c| [INET, DATAGRAM];
        socketpair: |c| [INET, DATAGRAM, 0, c.low.words(&[0, 0])];
        socketcall ["call Equal SYS_SOCKET"]: |c| [1, c.low.words(&[2, 2, 0])];
        socketcall ["call Equal SYS_SOCKETPAIR"]: |c| { let pair = c.low.words(&[0, 0]) as u32; [8, c.low.words(&[1, 1, 0, pair])] };
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
    }
    "raw-sockets" {
        socket ["type MaskedEqual SOCK_RAW"]: |_c| [INET, 3, 1];
        socket ["family Equal AF_PACKET"]: |_c| [17, 3, 0x300];
        socket ["family Equal AF_PPPOX"]: |_c| [24, 1, 0];
        socket ["family Equal AF_LLC"]: |_c| [26, 1, 0];
        socket ["family Equal AF_IEEE802154"]: |_c| [36, 2, 0];
        socket ["family Equal AF_CAN"]: |_c| [29, 2, 2];
        socket ["type MaskedEqual SOCK_PACKET"]: |_c| [INET, 10, 0x300];
        socketcall: |c| [1, c.low.words(&[2, 3, 1])];
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        ioctl ["cmd Equal TUNSETIFF"]: |_c| [NONE, 0x4004_54ca];
        ioctl ["cmd Equal TUNSETQUEUE"]: |_c| [NONE, 0x400454d9];
        ioctl ["cmd Equal TIOCSETD"]: |_c| [NONE, 0x5423];
        ioctl ["cmd Equal PPPIOCNEWUNIT"]: |_c| [NONE, 0xc004_743e];
    }
    "connect" {
        connect: |c| { let (_, to) = c.listener(); [c.socket(INET, STREAM), to, 16] };
        sendto: |c| { let (_, to) = c.listener(); [c.socket(INET, STREAM), to, 2, 0x2000_0000, to, 16] };
        sendmsg: |c| { let message = c.first_data(); [c.socket(INET, STREAM), message, 0x2000_0000, 0, 0, 0] };
        sendmmsg: |c| { let message = c.first_data(); [c.socket(INET, STREAM), message, 1, 0x2000_0000, 0, 0] };
        socketcall ["call Equal SYS_CONNECT"]: |c| { let (_, to) = c.listener(); let s = c.socket(INET, STREAM) as u32; [3, c.low.words(&[s, to as u32, 16])] };
        socketcall ["call Equal SYS_SENDTO"]: |c| { let (_, to) = c.listener(); let s = c.socket(INET, STREAM) as u32; [11, c.low.words(&[s, to as u32, 2, 0x2000_0000, to as u32, 16])] };
        socketcall ["call Equal SYS_SENDMSG"]: |c| { let message = c.first_data() as u32; let s = c.socket(INET, STREAM) as u32; [16, c.low.words(&[s, message, 0x2000_0000]), 0, 0, 0, 0] };
        socketcall ["call Equal SYS_SENDMMSG"]: |c| { let message = c.first_data() as u32; let s = c.socket(INET, STREAM) as u32; [20, c.low.words(&[s, message, 1, 0x2000_0000]), 0, 0, 0, 0] };
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        setsockopt ["level Equal IPPROTO_SCTP; optname Equal 107"]: |c| [c.socket(INET, STREAM), 132, 107, c.loopback(1), 16];
        setsockopt ["level Equal IPPROTO_SCTP; optname Equal 110"]: |c| [c.socket(INET, STREAM), 132, 110, c.loopback(1), 16];
        getsockopt ["level Equal IPPROTO_SCTP; optname Equal 111"]: |c| { let length = c.low.words(&[16]); [c.socket(INET, STREAM), 132, 111, c.loopback(1), length] };
        socketcall ["call Equal SYS_SETSOCKOPT"]: |c| { let (s, to) = (c.socket(INET, STREAM) as u32, c.loopback(1) as u32); [14, c.low.words(&[s, 132, 110, to, 16])] };
        socketcall ["call Equal SYS_GETSOCKOPT"]: |c| { let (s, to, length) = (c.socket(INET, STREAM) as u32, c.loopback(1) as u32, c.low.words(&[16]) as u32); [15, c.low.words(&[s, 132, 111, to, length])] };
    }
    "listen" {
        bind: |c| [c.socket(INET, STREAM), c.loopback(0), 16];
        listen: |c| [c.socket(INET, STREAM), 1];
        accept: |c| { let (s, to) = c.listener(); let client = c.socket(INET, STREAM); c.before("connect", [client, to, 16, 0, 0, 0]); [s] };
        accept4: |c| { let (s, to) = c.listener(); let client = c.socket(INET, STREAM); c.before("connect", [client, to, 16, 0, 0, 0]); [s] };
        socketcall ["call Equal SYS_BIND"]: |c| { let s = c.socket(INET, STREAM) as u32; let to = c.loopback(0) as u32; [2, c.low.words(&[s, to, 16])] };
        socketcall ["call Equal SYS_LISTEN"]: |c| { let s = c.socket(INET, STREAM) as u32; [4, c.low.words(&[s, 1])] };
        socketcall ["call Equal SYS_ACCEPT"]: |c| { let (s, to) = c.listener(); let client = c.socket(INET, STREAM); c.before("connect", [client, to, 16, 0, 0, 0]); [5, c.low.words(&[s as u32, 0, 0])] };
        socketcall ["call Equal SYS_ACCEPT4"]: |c| { let (s, to) = c.listener(); let client = c.socket(INET, STREAM); c.before("connect", [client, to, 16, 0, 0, 0]); [18, c.low.words(&[s as u32, 0, 0, 0])] };
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        setsockopt ["level Equal IPPROTO_SCTP"]: |c| [c.socket(INET, STREAM), 132, 100, c.loopback(1), 16];
        setsockopt ["level Equal SOL_TIPC"]: |c| [c.socket(INET, STREAM), 271, 135, c.low.bytes(&[0; 28]), 28];
        getsockopt ["level Equal IPPROTO_SCTP; optname Equal 102"]: |c| { let length = c.low.words(&[8]); [c.socket(INET, STREAM), 132, 102, c.low.bytes(&[0; 8]), length] };
        getsockopt ["level Equal IPPROTO_SCTP; optname Equal 122"]: |c| { let length = c.low.words(&[12]); [c.socket(INET, STREAM), 132, 122, c.low.bytes(&[0; 12]), length] };
        socketcall ["call Equal SYS_GETSOCKOPT"]: |c| { let (s, told, length) = (c.socket(INET, STREAM) as u32, c.low.bytes(&[0; 8]) as u32, c.low.words(&[8]) as u32); [15, c.low.words(&[s, 132, 102, told, length])] };
        socketcall ["call Equal SYS_SETSOCKOPT"]: |c| { let (s, to) = (c.socket(INET, STREAM) as u32, c.loopback(1) as u32); [14, c.low.words(&[s, 132, 100, to, 16])] };
    }
}

//! What a scan finds in machine code: all that programs are seen to do, and nothing that they cannot reach.

mod damage;
mod hand_made;
#[cfg(target_os = "linux")]
mod real_programs;

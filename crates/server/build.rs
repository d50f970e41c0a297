//! Rebuilds the program when the embedded web application has changed.

use std::fs;

const WEB: &str = "../../web/dist";

fn main() {
    // Cargo takes a folder that is not there for one that has changed, and would compile the
    // program every time.
    if let Err(fault) = fs::create_dir_all(WEB) {
        println!("cargo::warning={WEB} is not there and cannot be made: {fault}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={WEB}");
}

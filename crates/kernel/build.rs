//! Compiles the message contracts without a protoc binary.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let descriptors = protox::compile(["proto/ticketing/v1/message.proto"], ["proto"])?;
    println!("cargo:rerun-if-changed=proto");
    prost_build::Config::new().bytes(["."]).compile_fds(descriptors)?;
    Ok(())
}

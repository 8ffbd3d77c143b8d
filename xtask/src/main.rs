#![doc = "Developer commands."]
fn main() {}

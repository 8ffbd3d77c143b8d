//! It stays in its thread.

use pyshim::StackRef;

fn sent(reference: StackRef<'_>) {
    std::thread::scope(|scope| {
        scope.spawn(move || reference.close());
    });
}

fn main() {
    let _ = sent;
}

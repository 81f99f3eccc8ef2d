#![no_main]

#[allow(dead_code, unused_imports)]
#[path = "../../tests/fuzzed/mod.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(
    // The masker ends the decoder's panics itself. libFuzzer's hook would end the process before; what gets out of the
    // target still does.
    init: drop(std::panic::take_hook()),
    |data: &[u8]| fuzzed::chunk(data)
);

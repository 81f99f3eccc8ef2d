#![no_main]

#[allow(dead_code, unused_imports)]
#[path = "../../tests/fuzzed/mod.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzed::sse(data));

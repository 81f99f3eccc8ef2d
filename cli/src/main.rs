//! `hoopctl`: how people and CI jobs reach card data. See `hoopctl --help`.

/// As in the gateway, which `hoopctl dev` runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    hoopctl::main()
}

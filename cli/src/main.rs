//! `hoopctl`: how people and CI jobs reach card data. See `hoopctl --help`.

fn main() -> std::process::ExitCode {
    hoopctl::main()
}

//! The program that `just fuzz` runs: libFuzzer around the target that `PARLEY_FUZZ_TARGET` names,
//! or, built without libFuzzer, the list of targets.

#![cfg_attr(feature = "libfuzzer", no_main)]

#[cfg(feature = "libfuzzer")]
#[expect(unsafe_code, reason = "libFuzzer's entry point is a C symbol")]
mod entry {
    use std::sync::LazyLock;

    static TARGET: LazyLock<parley_fuzz::Target> = LazyLock::new(|| {
        let name = std::env::var("PARLEY_FUZZ_TARGET").unwrap_or_default();
        parley_fuzz::target(&name)
            .unwrap_or_else(|| panic!("PARLEY_FUZZ_TARGET={name}: no such target"))
    });

    libfuzzer_sys::fuzz_target!(|input: &[u8]| (TARGET.run)(input));
}

#[cfg(not(feature = "libfuzzer"))]
fn main() {
    for target in parley_fuzz::TARGETS {
        println!("{}", target.name);
    }
}

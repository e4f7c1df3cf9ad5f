//! Every kept input is given to its target again.

use std::{fs, path::Path};

use parley_fuzz::TARGETS;

#[test]
fn every_kept_input_is_survived() {
    let mut replayed = 0;
    for folder in ["seeds", "regressions"] {
        for target in TARGETS {
            for input in inputs(folder, target.name) {
                (target.run)(&input);
                replayed += 1;
            }
        }
    }
    assert!(
        replayed >= TARGETS.len(),
        "every target has at least one seed"
    );
}

#[test]
fn every_folder_of_inputs_belongs_to_a_target() {
    for folder in ["seeds", "regressions"] {
        let Ok(folders) = fs::read_dir(root().join(folder)) else {
            continue;
        };
        for entry in folders.map(|entry| entry.expect("the folder is readable")) {
            let name = entry.file_name().into_string().expect("names are text");
            assert!(parley_fuzz::target(&name).is_some(), "{folder}/{name}");
        }
    }
}

#[test]
fn no_target_panics_on_short_or_repeated_bytes() {
    for target in TARGETS {
        for length in 0..64 {
            for byte in 0..=u8::MAX {
                (target.run)(&vec![byte; length]);
            }
        }
    }
}

fn inputs(folder: &str, target: &str) -> Vec<Vec<u8>> {
    let Ok(files) = fs::read_dir(root().join(folder).join(target)) else {
        return Vec::new();
    };
    files
        .map(|file| fs::read(file.expect("the folder is readable").path()).expect("an input"))
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

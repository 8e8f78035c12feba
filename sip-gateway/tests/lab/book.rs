//! The registry, the tests and the page in `docs/` say the same.

use super::TESTED;
use test_network::Quirk;

#[test]
fn every_quirk_has_one_test_that_bears_its_name() {
    let tested: Vec<Quirk> = TESTED.iter().map(|(quirk, _)| *quirk).collect();
    assert_eq!(tested, Quirk::ALL);
    for (quirk, test) in TESTED {
        let name = quirk.name().replace(['-', '.'], "_");
        assert_eq!(&name, test);
    }
}

/// The page's table rows, cell by cell.
fn rows(page: &str) -> impl Iterator<Item = Vec<&str>> {
    page.lines()
        .filter(|line| {
            line.starts_with("| ") && !line.starts_with("| name") && !line.starts_with("| item")
        })
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
}

fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/quirks.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_page_lists_the_registry() {
    let page = page();
    let (registry, _) = page.split_once("\n## From Digest to RTP").unwrap();
    let listed: Vec<Vec<&str>> = rows(registry).collect();
    let quoted: Vec<String> = Quirk::ALL
        .iter()
        .map(|quirk| format!("`{}`", quirk.name()))
        .collect();
    let wanted: Vec<Vec<&str>> = Quirk::ALL
        .iter()
        .zip(&quoted)
        .map(|(quirk, name)| vec![name.as_str(), quirk.sentence(), quirk.source()])
        .collect();
    assert_eq!(listed, wanted);
}

#[test]
fn every_test_the_page_names_exists() {
    let page = page();
    let (_, items) = page.split_once("\n## From Digest to RTP").unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    for folder in ["src", "sip-core", "media-core", "tests", "../app/phone/src"] {
        gather(&root.join(folder), &mut sources);
    }
    let exists = |name: &str| match name.strip_prefix("lab::") {
        Some(name) => TESTED.iter().any(|(_, test)| *test == name),
        None => sources.contains(&format!("fn {name}(")),
    };
    let mut count = 0;
    for row in rows(items) {
        let [item, tests, _] = row[..] else {
            panic!("not three cells: {row:?}");
        };
        for name in tests.split(", ").map(|name| name.trim_matches('`')) {
            assert!(exists(name), "{item}: there is no test {name}");
        }
        count += 1;
    }
    assert!(count > 60, "only {count} items");
}

fn gather(folder: &std::path::Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, sources);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            sources.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

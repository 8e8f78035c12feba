//! Builds again when the app was built anew: its files are embedded.

fn main() {
    println!("cargo:rerun-if-changed=../dist");
}

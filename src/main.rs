fn main() { println!("signet"); }

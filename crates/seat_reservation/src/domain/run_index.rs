//! An index of the longest run of each of up to 1,000 rows (or subsections): it finds the first one
//! with a run long enough.
//!
//! Promises: a search looks at no more than one block of blocks and one block of rows, however full
//! they are.

/// Entries of one block; 32 blocks of 32 cover what the limits allow.
const BLOCK: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunIndex {
    runs: Box<[u8]>,
    /// The longest of each block's runs.
    blocks: Box<[u8]>,
}

impl RunIndex {
    pub fn new(runs: Vec<u8>) -> Self {
        let blocks = runs.chunks(BLOCK).map(longest).collect();
        Self { runs: runs.into(), blocks }
    }

    /// The first entry with a run of at least `length`.
    pub fn first(&self, length: u8) -> Option<usize> {
        let block = self.blocks.iter().position(|&run| run >= length)? * BLOCK;
        let runs = &self.runs[block..self.runs.len().min(block + BLOCK)];
        runs.iter().position(|&run| run >= length).map(|at| block + at)
    }

    /// The longest run of all.
    pub fn longest(&self) -> u8 {
        longest(&self.blocks)
    }

    pub fn get(&self, at: usize) -> u8 {
        self.runs[at]
    }

    pub fn set(&mut self, at: usize, run: u8) {
        self.runs[at] = run;
        let block = at / BLOCK;
        let end = self.runs.len().min((block + 1) * BLOCK);
        self.blocks[block] = longest(&self.runs[block * BLOCK..end]);
    }
}

fn longest(runs: &[u8]) -> u8 {
    runs.iter().copied().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_as_a_plain_scan_does() {
        for entries in [1, 31, 32, 33, 100, 1000] {
            let mut index = RunIndex::new(vec![10; entries]);
            let mut plain = vec![10_u8; entries];
            for step in 0..3000_usize {
                let at = step * 7919 % entries;
                let run = u8::try_from(step * 31 % 11).unwrap() * u8::from(step % 3 == 0);
                index.set(at, run);
                plain[at] = run;
                for length in 1..=10 {
                    assert_eq!(index.first(length), plain.iter().position(|&run| run >= length));
                }
                assert_eq!(index.longest(), *plain.iter().max().unwrap());
                assert_eq!(index, RunIndex::new(plain.clone()));
            }
        }
    }
}

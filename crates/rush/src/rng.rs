//! Random numbers from a seed: `SplitMix64`, so that a run can be repeated with the same choices.
//!
//! Never for secrets.

/// A repeatable stream of numbers.
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

impl Rng {
    /// The stream of one of a buyer's lines, different for every (seed, buyer, line).
    pub(super) fn of(seed: u64, buyer: u32, line: u32) -> Self {
        let mut rng =
            Self(seed ^ (u64::from(buyer) << 32 | u64::from(line)).wrapping_mul(0xD1B5_4A32_D192_ED03));
        rng.next();
        rng
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `0..below`; 0 when `below` is 0.
    pub(super) fn below(&mut self, below: usize) -> usize {
        let scaled = (u128::from(self.next()) * below as u128) >> 64;
        usize::try_from(scaled).unwrap_or(0)
    }

    /// A number from `least` to `most`, both included.
    pub(super) fn between(&mut self, least: u32, most: u32) -> u32 {
        let spread = usize::try_from(most.saturating_sub(least)).unwrap_or(0) + 1;
        least + u32::try_from(self.below(spread)).unwrap_or(0)
    }

    /// True in `percent` of 100 cases.
    pub(super) fn percent(&mut self, percent: u8) -> bool {
        self.below(100) < usize::from(percent)
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_line_others() {
        let draw = |seed, buyer, line| {
            let mut rng = Rng::of(seed, buyer, line);
            (0..20).map(|_| rng.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7, 1, 2), draw(7, 1, 2));
        assert_ne!(draw(7, 1, 2), draw(7, 2, 1));
        assert_ne!(draw(7, 1, 2), draw(8, 1, 2));
    }

    #[test]
    fn numbers_stay_inside_and_reach_both_ends() {
        let mut rng = Rng::of(1, 0, 0);
        let drawn: Vec<u32> = (0..2000).map(|_| rng.between(1, 4)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&1), Some(&4)));
        let hits = (0..10_000).filter(|_| rng.percent(20)).count();
        assert!((1_800..2_200).contains(&hits), "{hits}");
        assert_eq!((0..1000).filter(|_| rng.percent(0)).count(), 0);
        assert_eq!((0..1000).filter(|_| rng.percent(100)).count(), 1000);
    }
}

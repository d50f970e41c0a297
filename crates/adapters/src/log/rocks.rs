//! The settings of RocksDB, for the embedded log and for the checkpoints of the log on Kafka.
//!
//! Promises: memory and open files have limits. Never: opens a database.

use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamilyDescriptor, DBCompressionType, Error, LogLevel, Options,
};

pub(super) const MIB: usize = 1024 * 1024;
/// Blocks of table files kept in memory, in bytes, over all column families.
const BLOCK_CACHE_BYTES: usize = 16 * MIB;
/// Freshly written rows kept in memory, in bytes, over all column families.
const WRITE_BUFFERS_BYTES: usize = 24 * MIB;
/// Write-ahead log that a restart may have to replay, in bytes.
const REPLAY_BYTES: u64 = 32 * MIB as u64;
const OPEN_FILES: i32 = 256;

/// Creates what is missing, within the limits.
pub(super) fn options() -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_db_write_buffer_size(WRITE_BUFFERS_BYTES);
    options.set_max_total_wal_size(REPLAY_BYTES);
    options.set_max_open_files(OPEN_FILES);
    options.set_max_background_jobs(2);
    options.set_log_level(LogLevel::Warn);
    options.set_keep_log_file_num(2);
    options.set_stats_dump_period_sec(0);
    options.set_stats_persist_period_sec(0);
    options
}

/// Column families of these names, which share one cache of blocks.
pub(super) fn families<const N: usize>(names: [&str; N]) -> Vec<ColumnFamilyDescriptor> {
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(&Cache::new_lru_cache(BLOCK_CACHE_BYTES));
    blocks.set_cache_index_and_filter_blocks(true);
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(true);
    let mut options = Options::default();
    options.set_block_based_table_factory(&blocks);
    options.set_compression_type(DBCompressionType::Lz4);
    options.set_write_buffer_size(WRITE_BUFFERS_BYTES / 3);
    options.set_max_write_buffer_number(2);
    names.map(|name| ColumnFamilyDescriptor::new(name, options.clone())).into()
}

/// Whether a file that the others speak of is gone, or CURRENT names one that never was; RocksDB
/// calls that no corruption.
pub(super) fn lacks_a_file(error: &Error) -> bool {
    error.as_ref().contains("No such file")
}

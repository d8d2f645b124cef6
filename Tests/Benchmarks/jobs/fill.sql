-- Fills a new database with :ended jobs that have ended and :running ones that run, six files each.
-- Half of the jobs are of one user, the others of ten thousand; half are on one exchange, half have
-- failed, independently of each other.
PRAGMA synchronous = OFF;
PRAGMA cache_size = -500000;
BEGIN;
WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :ended)
INSERT INTO download_jobs (status, exchange, data_types, symbols, start_date, end_date,
    output_path, created_at, started_at, completed_at, error_message, created_by, files_total,
    files_done, files_failed, bytes_done, planned)
SELECT
    iif(n & 1, 'failed', 'completed'),
    iif(n & 2, 'binance', 'exchange' || ((n >> 3) % 4)),
    '["trades"]', '["BTCUSDT", "ETHUSDT"]', '2024-01-01', '2024-01-03', './datasets/btc',
    strftime('%Y-%m-%d %H:%M:%f000', 'now', '-1 day', (n / 1000.0) || ' seconds'),
    strftime('%Y-%m-%d %H:%M:%f000', 'now', '-1 day', (n / 1000.0) || ' seconds'),
    strftime('%Y-%m-%d %H:%M:%f000', 'now', '-1 hour'),
    iif(n & 1, '1 of 6 files failed.', NULL),
    iif(n & 4, 'ann', 'user' || (n % 10000)), 6, iif(n & 1, 5, 6), n & 1, 123456789, 1
FROM numbers WHERE :ended > 0;
WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :running)
INSERT INTO download_jobs (status, exchange, data_types, symbols, start_date, end_date,
    output_path, created_at, started_at, created_by, files_total, planned)
SELECT 'running', 'binance', '["trades"]', '["BTCUSDT"]', '2024-01-02', '2024-01-07',
    './datasets/btc', '2025-11-13 10:20:30.123456', '2025-11-13 10:20:30.123456',
    'user' || (n % 100), 6, 1
FROM numbers WHERE :running > 0;
INSERT INTO job_files (job_id, position, exchange, data_type, day, symbol, state)
SELECT download_jobs.id, value, exchange, 'trades', date('2024-01-02', value || ' days'), 'BTCUSDT',
    iif(value = 0, 'running', 'pending')
FROM download_jobs, json_each('[0, 1, 2, 3, 4, 5]') WHERE status = 'running';
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);

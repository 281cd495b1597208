/// What the metrics mean, in whatever part they are counted; docs/monitoring/README.md says the same.
enum MetricCatalogue {
    /// By the name of the metric.
    static let meanings = requests.merging(turns) { first, _ in first }.merging(stores) { first, _ in first }
        .merging(process) { first, _ in first }

    private static let requests = [
        "stagekeeper_requests_total": "Requests that were answered, by operation and class of status.",
        "stagekeeper_request_seconds": "How long requests took until their answer began; streams until they ended.",
        "stagekeeper_requests_under_way": "Requests that are being answered now; turns are messages of end users.",
        "stagekeeper_requests_refused_total": "Requests that were refused with 503 because too many were under way.",
        "stagekeeper_rate_limited_total": "Requests that were refused with 429 because a limit was used up.",
        "stagekeeper_rate_limits_shared": "1 while all servers keep the limits together, through Redis; 0 while each keeps its own.",
        "stagekeeper_event_streams": "Clients that follow events now.",
        "stagekeeper_changes_age_seconds":
            "For how long nothing was heard of what other servers have changed; above 5, keys are refused with 503.",
        "stagekeeper_flow_reads_total": "Look-ups of a business's flow; a miss reads the database.",
        "stagekeeper_build_info": "Always 1; the label has the version.",
    ]

    private static let turns = [
        "stagekeeper_messages_total": "Messages of end users that were handled, by what became of them.",
        "stagekeeper_messages_in_line": "Messages that this server has accepted and not yet handled.",
        "stagekeeper_turn_engine_seconds": "How long turns took to decide, without waiting and without the language model.",
        "stagekeeper_turn_waiting_seconds": "How long messages waited for their turn.",
        "stagekeeper_stage_turns_total": "Turns by the stage that they ended at.",
        "stagekeeper_stage_tokens_total": "Tokens that the language model read (prompt) and wrote (completion), by stage.",
        "stagekeeper_stage_model_seconds": "How long the language model took for one question, by stage.",
        "stagekeeper_model_requests_total": "Questions to the language model, by how they ended; each may have taken several attempts.",
        "stagekeeper_model_seconds": "How long the language model's answers and failures took, with all attempts and pauses.",
        "stagekeeper_model_waiting": "Questions that wait because as many are asked as may be at once.",
        "stagekeeper_model_circuit_open": "1 from when the language model's server is left alone because it failed often, until it answers again.",
    ]

    private static let stores = [
        "stagekeeper_commits_total": "Changes of conversations that were put into a group, by what became of them.",
        "stagekeeper_commit_group_size": "How many changes of conversations shared one transaction.",
        "stagekeeper_commits_waiting": "Changes of conversations that wait for the next group; 10,000 may.",
        "stagekeeper_sql_seconds": "How long the database took to read or to write, from waiting for a connection to the end of the transaction.",
        "stagekeeper_sql_errors_total": "Errors of the database, by kind; duplicate and reference are refusals, not faults.",
        "stagekeeper_memory_reads_total": "Look-ups of conversations in memory; a miss reads the database.",
        "stagekeeper_sqlite_file_bytes": "The size of the database file and of its write-ahead log.",
        "stagekeeper_disk_free_bytes": "What is free where the database file lies.",
        "stagekeeper_postgres_connections": "Connections to PostgreSQL that are made, by whether they are used.",
        "stagekeeper_postgres_waiting": "Who waits for a connection to PostgreSQL.",
        "stagekeeper_postgres_reachable": "1 when the last attempt to connect to PostgreSQL succeeded, else 0.",
        "stagekeeper_postgres_lost_commits_total": "Connections that broke in a commit; what became of it was looked up.",
        "stagekeeper_redis_reads_total": "Look-ups of conversations in Redis; all but a hit read PostgreSQL.",
        "stagekeeper_redis_sets_total": "States that were sent to Redis, by what Redis did with them.",
        "stagekeeper_redis_errors_total": "Commands that Redis did not carry out or not answer, by why.",
        "stagekeeper_redis_commands_waiting": "Commands that wait for Redis to answer.",
        "stagekeeper_redis_connected": "1 when Redis does what it is asked, else 0.",
        "stagekeeper_redis_partitions": "The 256 partitions of Redis, by whether what they hold may be shown.",
        "stagekeeper_redis_follower_lag_seconds": "How long ago Redis was last seen to be up to date with the log of events.",
        "stagekeeper_redis_follower_position": "The position in the log of events up to which Redis is true.",
    ]

    private static let process = [
        "process_resident_memory_bytes": "Memory that the process has in use.",
        "process_virtual_memory_bytes": "Memory that the process has reserved.",
        "process_cpu_seconds_total": "Processor time that the process has used.",
        "process_threads": "Threads of the process.",
        "process_open_fds": "Files and sockets that the process has open.",
        "process_max_fds": "Files and sockets that the process may have open.",
        "process_start_time_seconds": "When the process was started, in seconds since 1970.",
    ]
}

# Starts and stops what ./run measures: sourced by it. Every server takes a free port of the loopback interface and a folder of its own under $work,
# and is stopped by its process id.

declare -A pid=() url=() signal=()
started=()

# Starts a program in the background and waits until it has told its address: sets pid[NAME] and url[NAME].
start() {
    local name=$1 line found= output
    shift
    rm -f "$work/$name.out"
    mkfifo "$work/$name.out"
    "$@" >"$work/$name.out" 2>&1 &
    pid[$name]=$! signal[$name]=TERM
    started+=("$name")
    exec {output}<"$work/$name.out"
    while read -r -u "$output" line; do
        echo "$line" >>"$work/$name.log"
        [[ $line =~ http://127\.0\.0\.1:[0-9]+ ]] && { found=${BASH_REMATCH[0]}; break; }
    done
    [[ -n $found ]] || { echo "$name did not start:" >&2; cat "$work/$name.log" >&2; exit 1; }
    url[$name]=$found
    # What it says later must not fill the pipe.
    cat <&"$output" >>"$work/$name.log" &
    exec {output}<&-
}

stop() {
    local name=$1
    [[ -n ${pid[$name]:-} ]] || return 0
    kill -"${signal[$name]}" "${pid[$name]}" 2>/dev/null || true
    wait "${pid[$name]}" 2>/dev/null || true
    unset "pid[$name]"
}

# Those that were started last are stopped first: what they work with goes last.
stop_all() {
    local index
    for ((index = ${#started[@]} - 1; index >= 0; index--)); do stop "${started[index]}"; done
    wait 2>/dev/null || true
}

# PostgreSQL, which pgbench, Stagekeeper and the Python services share: the same disk, the same settings.
start_postgres() {
    # It does not run as root.
    local as=()
    if ((EUID == 0)); then as=(setpriv --reuid=postgres --regid=postgres --init-groups); fi
    install -d -m 700 ${as[0]:+-o postgres} "$work/postgres"
    install -d -m 755 ${as[0]:+-o postgres} "$work/socket"
    "${as[@]}" "$postgres/initdb" -D "$work/postgres" -A trust -U bench -E UTF8 --no-locale >/dev/null
    "${as[@]}" "$postgres/postgres" -D "$work/postgres" -k "$work/socket" -c listen_addresses= -c max_connections=200 -c fsync=on \
        -c synchronous_commit=on >"$work/postgres.out" 2>&1 &
    # INT is its fast shutdown.
    pid[postgres]=$! signal[postgres]=INT
    started+=(postgres)
    export PGHOST=$work/socket PGUSER=bench PGDATABASE=postgres
    until pg_isready -q; do kill -0 "${pid[postgres]}" 2>/dev/null || { cat "$work/postgres.out" >&2; exit 1; }; sleep 0.1; done
    psql -q -c "CREATE TABLE moves (id bigserial PRIMARY KEY, conversation_id text NOT NULL, stage_id int NOT NULL, data text NOT NULL,
        at timestamptz NOT NULL DEFAULT now())"
}

# Redis, which keeps nothing on the disk.
start_redis() {
    local attempt
    started+=(redis)
    for attempt in 1 2 3 4 5 6 7 8; do
        redis_port=$((20000 + RANDOM % 12000))
        redis-server --bind 127.0.0.1 --port "$redis_port" --save "" --appendonly no --dir "$work" >"$work/redis.out" 2>&1 &
        pid[redis]=$! signal[redis]=TERM
        # It ends when the port is taken.
        while kill -0 "${pid[redis]}" 2>/dev/null; do
            grep -q "Ready to accept connections" "$work/redis.out" && return
            sleep 0.1
        done
    done
    cat "$work/redis.out" >&2
    exit 1
}

export STAGEKEEPER_PLATFORM_KEY=platform-key-of-the-benchmarks
encryption_key=k1:$(head -c 32 /dev/urandom | base64)

# Starts a Stagekeeper server with settings, and remembers what it takes while it is idle.
start_stagekeeper() {
    local name=$1
    shift
    start "$name" env STAGEKEEPER_HOST=127.0.0.1 STAGEKEEPER_PORT=0 STAGEKEEPER_LOG_LEVEL=warning "$@" "$server" serve
    [[ -e $work/$name.idle ]] || awk '/^VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/${pid[$name]}/status" >"$work/$name.idle"
}

# With a SQLite file of its own.
start_embedded() {
    mkdir -p "$work/data/$1"
    start_stagekeeper "$1" STAGEKEEPER_DATABASE_URL="sqlite:$work/data/$1/stagekeeper.sqlite" STAGEKEEPER_MAX_CONNECTIONS=16000
}

# With a database in PostgreSQL and one of Redis, by number, of its own.
start_production() {
    local name=$1 number=$2 settings
    settings=(
        STAGEKEEPER_DATABASE_URL="postgres:///$name?host=$work/socket&user=bench" STAGEKEEPER_REDIS_URL="redis://127.0.0.1:$redis_port/$number"
        STAGEKEEPER_ENCRYPTION_KEYS="$encryption_key")
    if [[ ! -e $work/$name.migrated ]]; then
        psql -q -c "CREATE DATABASE \"$name\""
        env "${settings[@]}" "$server" migrate >"$work/$name.migrated" 2>&1 || { cat "$work/$name.migrated" >&2; exit 1; }
    fi
    start_stagekeeper "$name" "${settings[@]}"
}

# Creates a business with stages and conversations; what loads need to know of it goes to the folder $work/NAME.
fill() {
    local name=$1 stages=$2 conversations=$3
    echo "Creating $stages stages and $conversations conversations, $name …" >&2
    mkdir -p "$work/$name"
    URL=${url[$name]} STAGES=$stages CONVERSATIONS=$conversations python3 "$here/prepare.py" "$work/$name"
}

# As autovacuum does within a minute: until then plans are those for empty tables.
analyse() { psql -q -d "$1" -c "VACUUM ANALYZE"; }

# The Python that the services in peers/ run with; grow.py takes its client of PostgreSQL.
make_python() {
    local folder=$root/.build-python/benchmarks
    if ! cmp -s "$here/peers/requirements.txt" "$folder/requirements.txt"; then
        echo "Installing Flask, FastAPI and what they run with …" >&2
        rm -rf "$folder"
        python3 -m venv "$folder"
        "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$here/peers/requirements.txt" >&2
        cp "$here/peers/requirements.txt" "$folder/requirements.txt"
    fi
    python=$folder/bin/python
}

# Two Python services that do the same job: the specification's own design and a tuned one, two workers each. Each has a database of Redis of its own.
start_peers() {
    psql -q -c "CREATE DATABASE peers"
    psql -q -d peers -v stages="$stage_count" -f "$here/peers/schema.sql"
    mkdir "$work/peers"
    psql -qAtX -d peers -c "SELECT concat_ws(' ', business_id, api_key, '-', $conversations, (SELECT string_agg(stage_id::text, ' ') FROM stages))
        FROM businesses" >"$work/peers/targets"
    local environment=(env PYTHONPATH="$here/peers" PEER_DATABASE="postgresql:///peers?host=$work/socket&user=bench")
    local folder=${python%/*}
    start flask "${environment[@]}" PEER_REDIS="redis://127.0.0.1:$redis_port/14" "$folder/gunicorn" --workers 2 --threads 8 \
        --bind 127.0.0.1:0 --log-level info --no-control-socket flask_service:application
    start fastapi "${environment[@]}" PEER_REDIS="redis://127.0.0.1:$redis_port/15" "$folder/uvicorn" --workers 2 --loop uvloop --http httptools \
        --no-access-log --host 127.0.0.1 --port 0 fastapi_service:application
    local name
    for name in flask fastapi; do
        # They tell their address before anybody listens there.
        until (exec {socket}<>"/dev/tcp/127.0.0.1/${url[$name]##*:}") 2>/dev/null; do
            kill -0 "${pid[$name]}" 2>/dev/null || { cat "$work/$name.log" >&2; exit 1; }
            sleep 0.1
        done
        echo "Creating $conversations conversations, $name …" >&2
        python3 "$here/peers/fill.py" "${url[$name]}" "$work/peers/targets"
    done
}

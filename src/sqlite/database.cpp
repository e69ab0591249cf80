#include "sqlite/database.hpp"

#include "base/log.hpp"
#include "base/random.hpp"
#include "sqlite/error.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <sqlite3.h>

namespace kiln::sqlite {

namespace {

constexpr std::chrono::microseconds kShortestWait{200};
constexpr std::chrono::microseconds kLongestWait{5'000};
constexpr std::chrono::seconds kPatience{60};

/// The mean wait doubles from try to try up to a small bound: a holder is gone after one sync.
std::chrono::microseconds busy_wait(int attempt) {
    const auto bound = std::min(kShortestWait * (1 << std::min(attempt, 5)), kLongestWait);
    const auto random = random_bytes<2>();
    const auto fraction = (static_cast<unsigned>(random[0]) << 8U | random[1]) / 65536.0;
    return std::chrono::microseconds{
        static_cast<std::int64_t>(static_cast<double>(bound.count()) * (0.5 + fraction))};
}

/// SQLite's busy handler: 1 = try again.
int wait_while_busy(void*, int attempt) {
    // Every wait but the first few is near the bound, so the count of tries tells the time.
    if (attempt > kPatience / kLongestWait) {
        return 0;
    }
    std::this_thread::sleep_for(busy_wait(attempt));
    return 1;
}

}  // namespace

void Database::Close::operator()(sqlite3* connection) const noexcept {
    // v2: waits for statements that are still open, as in a move over a live connection.
    sqlite3_close_v2(connection);
}

Database Database::connect(const std::filesystem::path& file, int flags) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(
        file.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr
    );
    Database database;
    database.connection_.reset(raw);
    if (code != SQLITE_OK) {
        throw_error(raw, code, fmt::format("open '{}'", file.string()));
    }
    database.cache_ = std::make_unique<StatementCache>();
    sqlite3_busy_handler(raw, &wait_while_busy, nullptr);
    // A checkpoint at each close would be two syncs for each command that only reads.
    sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_wal_autocheckpoint(raw, 0);
    database.script(
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY"
    );
    return database;
}

Database Database::open(const std::filesystem::path& file, Use use) {
    auto database = connect(file, SQLITE_OPEN_READWRITE);
    if (use == Use::reading) {
        database.script("PRAGMA query_only = ON");
    }
    return database;
}

void Database::script(const std::string& sql) {
    const int code = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        throw_error(connection_.get(), code, fmt::format("store: {}", sql));
    }
}

std::int64_t Database::number(std::string_view sql) {
    auto row = query(sql);
    KILN_CHECK(row.next());
    return row.get<std::int64_t>(0);
}

bool Database::in_transaction() const noexcept {
    return sqlite3_get_autocommit(connection_.get()) == 0;
}

std::int64_t Database::changes() const noexcept {
    return sqlite3_changes64(connection_.get());
}

Transaction::Transaction(Database& database, Kind kind) : database_{database} {
    database_.run(kind == Kind::immediate ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
    if (!database_.in_transaction()) {
        return;
    }
    try {
        database_.run("ROLLBACK");
    } catch (const std::exception& error) {
        log_warning(
            "store: a rollback failed, the connection's next use will tell", {{"why", error.what()}}
        );
    }
}

void Transaction::commit() {
    database_.run("COMMIT");
}

}  // namespace kiln::sqlite

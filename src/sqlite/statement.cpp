#include "sqlite/statement.hpp"

#include "sqlite/error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace kiln::sqlite {

namespace {

/// Texts with a varying number of parameters would otherwise pile up in a long-running process.
constexpr std::size_t kMostCached = 128;

std::string doing(sqlite3_stmt* statement) {
    return fmt::format("store: {}", sqlite3_sql(statement));
}

PreparedStatement prepare(sqlite3* connection, std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v3(
        connection,
        sql.data(),
        static_cast<int>(sql.size()),
        SQLITE_PREPARE_PERSISTENT,
        &raw,
        nullptr
    );
    PreparedStatement statement{raw};
    if (code != SQLITE_OK) {
        throw_error(connection, code, fmt::format("store: {}", sql));
    }
    // `$n` is a name to SQLite, numbered as it is met: both numbers must be the same.
    for (int i = 1; i <= sqlite3_bind_parameter_count(raw); ++i) {
        KILN_CHECK(fmt::format("${}", i) == sqlite3_bind_parameter_name(raw, i));
    }
    return statement;
}

}  // namespace

void FinalizeStatement::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* connection, StatementCache& cache, std::string_view sql)
    : connection_{connection}, cache_{&cache} {
    auto cached = cache.find(sql);
    if (cached == cache.end()) {
        cached = cache.emplace(std::string{sql}, prepare(connection, sql));
    }
    node_ = cache.extract(cached);
}

Statement::Statement(Statement&& other) noexcept
    : connection_{other.connection_}, cache_{other.cache_}, node_{std::move(other.node_)} {}

Statement::~Statement() {
    if (node_.empty()) {
        return;
    }
    sqlite3_reset(node_.mapped().get());
    sqlite3_clear_bindings(node_.mapped().get());
    if (cache_->size() < kMostCached) {
        cache_->insert(std::move(node_));
    }
}

void Statement::bind(int at, std::nullopt_t) {
    check(sqlite3_bind_null(node_.mapped().get(), at));
}

void Statement::bind(int at, std::string_view text) {
    // An empty view may have no address, which SQLite would take for NULL.
    const char* bytes = text.empty() ? "" : text.data();
    check(sqlite3_bind_text64(
        node_.mapped().get(),
        at,
        bytes,
        text.size(),
        SQLITE_TRANSIENT,  // NOLINT(cppcoreguidelines-pro-type-cstyle-cast)
        SQLITE_UTF8
    ));
}

void Statement::bind(int at, Blob blob) {
    const char* bytes = blob.bytes.empty() ? "" : blob.bytes.data();
    check(sqlite3_bind_blob64(
        node_.mapped().get(),
        at,
        bytes,
        blob.bytes.size(),
        SQLITE_TRANSIENT  // NOLINT(cppcoreguidelines-pro-type-cstyle-cast)
    ));
}

void Statement::bind_integer(int at, std::int64_t number) {
    check(sqlite3_bind_int64(node_.mapped().get(), at, number));
}

bool Statement::next() {
    const int code = sqlite3_step(node_.mapped().get());
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code != SQLITE_DONE) {
        throw_error(connection_, code, doing(node_.mapped().get()));
    }
    return false;
}

std::int64_t Statement::rewind() {
    check(sqlite3_reset(node_.mapped().get()));
    return sqlite3_changes64(connection_);
}

std::string_view Statement::text(int column) const {
    auto* statement = node_.mapped().get();
    const void* bytes = sqlite3_column_blob(statement, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return bytes == nullptr ? std::string_view{}
                            : std::string_view{static_cast<const char*>(bytes), size};
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(node_.mapped().get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(node_.mapped().get(), column);
}

json::value Statement::read(int column, Type<json::value>) const {
    try {
        return json::parse(text(column));
    } catch (const std::exception& error) {
        throw Error{
            ErrorKind::corrupt,
            fmt::format(
                "{}: column {} holds no JSON: {}", doing(node_.mapped().get()), column, error.what()
            )};
    }
}

void Statement::check(int code) const {
    if (code != SQLITE_OK) {
        throw_error(connection_, code, doing(node_.mapped().get()));
    }
}

}  // namespace kiln::sqlite

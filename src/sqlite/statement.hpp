#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace kiln::sqlite {

/// A prepared statement; finalized at the end.
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const noexcept;
};

using PreparedStatement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// Statements of one connection that nobody uses now, by their text.
struct TextHash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
};

using StatementCache =
    std::unordered_multimap<std::string, PreparedStatement, TextHash, std::equal_to<>>;

/// Bytes that are no text: PostgreSQL's BYTEA.
struct Blob {
    std::string_view bytes;
};

/// One run of a statement: bind, step, read. Goes back to its connection's cache at the end.
///
/// Parameters are `$1`, `$2`, … as PostgreSQL has them, first mentioned in that order.
/// Used by one thread; must not outlive its Database.
class Statement {
  public:
    Statement(sqlite3* connection, StatementCache& cache, std::string_view sql);
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    void bind(int at, std::nullopt_t);
    void bind(int at, std::string_view text);

    void bind(int at, Blob blob);

    void bind(int at, const std::string& text) { bind(at, std::string_view{text}); }

    void bind(int at, const char* text) { bind(at, std::string_view{text}); }

    void bind(int at, std::integral auto number) {
        bind_integer(at, static_cast<std::int64_t>(number));
    }

    void bind(int at, Bytes bytes) { bind(at, bytes.count); }

    void bind(int at, TimePoint time) { bind(at, time.time_since_epoch().count()); }

    void bind(int at, const json::value& value) { bind(at, json::serialize(value)); }

    template <class Kind>
    void bind(int at, const Id<Kind>& id) {
        bind(at, id.str());
    }

    template <class T>
    void bind(int at, const std::optional<T>& value) {
        if (value) {
            bind(at, *value);
        } else {
            bind(at, std::nullopt);
        }
    }

    /// To the next row. @returns false after the last one
    bool next();

    /// Runs it to its end with these values, ready for the next run. @returns rows changed
    template <class... Values>
    std::int64_t run(const Values&... values) {
        int at = 0;
        (bind(++at, values), ...);
        while (next()) {
        }
        return rewind();
    }

    /// A column of the current row, from 0. T: std::string, std::int64_t, std::size_t, bool, Bytes,
    /// TimePoint, Id<…>, json::value, or an optional of these (NULL reads as none).
    template <class T>
    [[nodiscard]] T get(int column) const {
        return read(column, Type<T>{});
    }

    /// The column's bytes, valid until next().
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] bool is_null(int column) const;

  private:
    template <class T>
    struct Type {};

    std::string read(int column, Type<std::string>) const { return std::string{text(column)}; }

    std::int64_t read(int column, Type<std::int64_t>) const { return integer(column); }

    std::size_t read(int column, Type<std::size_t>) const {
        return static_cast<std::size_t>(integer(column));
    }

    bool read(int column, Type<bool>) const { return integer(column) != 0; }

    Bytes read(int column, Type<Bytes>) const {
        return {static_cast<std::uint64_t>(integer(column))};
    }

    TimePoint read(int column, Type<TimePoint>) const {
        return TimePoint{Duration{integer(column)}};
    }

    json::value read(int column, Type<json::value>) const;

    template <class Kind>
    Id<Kind> read(int column, Type<Id<Kind>>) const {
        return Id<Kind>::trusted(get<std::string>(column));
    }

    template <class T>
    std::optional<T> read(int column, Type<std::optional<T>>) const {
        return is_null(column) ? std::nullopt : std::optional<T>{get<T>(column)};
    }

    std::int64_t rewind();
    void bind_integer(int at, std::int64_t number);
    [[nodiscard]] std::int64_t integer(int column) const;
    void check(int code) const;

    sqlite3* connection_;
    StatementCache* cache_;
    StatementCache::node_type node_;  ///< empty after a move
};

}  // namespace kiln::sqlite

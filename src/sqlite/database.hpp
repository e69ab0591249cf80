#pragma once

#include "sqlite/statement.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace kiln::sqlite {

enum class Use { reading, writing };

/// One connection to a database file: synchronous=FULL, foreign keys checked, and a busy handler
/// that backs off with jitter, so that any number of processes may write.
///
/// Used by one thread at a time. Closing it runs no checkpoint, hence syncs nothing.
class Database {
  public:
    /// @throws Error  not_found: no such file · denied · unavailable: locked for a minute
    static Database open(const std::filesystem::path& file, Use use);

    /// Starts a query with `$1…` bound to `values`; its rows are read with next().
    template <class... Values>
    [[nodiscard]] Statement query(std::string_view sql, const Values&... values) {
        Statement statement{connection_.get(), *cache_, sql};
        int at = 0;
        (statement.bind(++at, values), ...);
        return statement;
    }

    /// Runs a statement to its end. @returns how many rows it changed
    template <class... Values>
    std::int64_t run(std::string_view sql, const Values&... values) {
        auto statement = query(sql, values...);
        while (statement.next()) {
        }
        return changes();
    }

    /// Runs several statements without parameters.
    void script(const std::string& sql);

    /// The first column of the first row, which must exist.
    [[nodiscard]] std::int64_t number(std::string_view sql);

    [[nodiscard]] bool in_transaction() const noexcept;

    [[nodiscard]] sqlite3* handle() const noexcept { return connection_.get(); }

  private:
    struct Close {
        void operator()(sqlite3* connection) const noexcept;
    };

    Database() = default;
    static Database connect(const std::filesystem::path& file, int flags);
    [[nodiscard]] std::int64_t changes() const noexcept;

    // Members are destroyed from below: statements before their connection.
    std::unique_ptr<sqlite3, Close> connection_;
    std::unique_ptr<StatementCache> cache_;
};

/// A transaction, rolled back at the end unless committed.
class Transaction {
  public:
    enum class Kind { deferred, immediate };
    Transaction(Database& database, Kind kind);
    Transaction(Transaction&&) = delete;
    ~Transaction();
    void commit();

  private:
    Database& database_;
};

}  // namespace kiln::sqlite

#pragma once

#include "sqlite/checkpointer.hpp"
#include "sqlite/database.hpp"
#include "sqlite/readers.hpp"
#include "sqlite/writer.hpp"

#include <filesystem>
#include <type_traits>
#include <utility>

namespace kiln::sqlite {

/// How the process before us ended, as far as the caller knows (a dead holder's lock file lies
/// around, see ledger::Holder).
enum class LastEnd { clean, unclean };

/// KILN_HOME/kiln.db: one writer, any number of readers. Safe from several threads.
class Store {
  public:
    /// Makes the folder (0700) and the file when they are not there, and runs missing migrations.
    /// An up-to-date file is only read. After an unclean end the whole file is checked.
    /// @throws Error  invalid: of a newer kiln, or another program's · corrupt · denied · exhausted
    explicit Store(const std::filesystem::path& home, LastEnd last_end = LastEnd::clean);

    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

    [[nodiscard]] Writer& writer() noexcept { return writer_; }

    /// Runs `work(Database&)` in the writer's next transaction; returns its result when it is
    /// durable. `work` must have no effect but through the database: a failed commit undoes only
    /// that.
    template <class WorkFunction>
    auto write(WorkFunction&& work) {
        using Result = std::invoke_result_t<WorkFunction&, Database&>;
        if constexpr (std::is_void_v<Result>) {
            writer_.write([&work](Database& database) { work(database); });
        } else {
            std::optional<Result> result;
            writer_.write([&](Database& database) { result.emplace(work(database)); });
            return std::move(*result);
        }
    }

    /// Runs `work(Database&)` on one unchanging state of the database.
    template <class WorkFunction>
    auto read(WorkFunction&& work) {
        Readers::Loan loan{readers_};
        Transaction snapshot{*loan, Transaction::Kind::deferred};
        return work(*loan);
    }

    /// Reads the whole file and every index. @throws Error corrupt: with the first things found
    void check();

  private:
    std::filesystem::path file_;
    Readers readers_;
    Checkpointer checkpointer_;
    Writer writer_;  ///< last: ends first, it uses the checkpointer
};

}  // namespace kiln::sqlite

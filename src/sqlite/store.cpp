#include "sqlite/store.hpp"

#include "sqlite/migrations.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

namespace {

/// What is left of a log that grew once: as long as it is under load, for a commit that grows the
/// file syncs its size too.
constexpr std::size_t kKeptLogBytes = 2 * kMostCheckpointPages * 4096;

void make_home(const std::filesystem::path& home) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (fs::is_directory(home, error)) {
        return;
    }
    if (fs::create_directories(home, error) && !error) {
        fs::permissions(home, fs::perms::owner_all, error);
    }
    if (error) {
        throw Error::from_errno(error.value(), fmt::format("make folder '{}'", home.string()));
    }
}

Database open_writer(const std::filesystem::path& file) {
    auto database = Database::open(file, Use::writing);
    database.script(fmt::format("PRAGMA journal_size_limit = {}", kKeptLogBytes));
    return database;
}

}  // namespace

Store::Store(const std::filesystem::path& home, LastEnd last_end)
    : file_{home / "kiln.db"},
      readers_{file_},
      checkpointer_{file_},
      writer_{
          [file = file_] { return open_writer(file); },
          [this](Database& database, std::size_t log_pages) {
              checkpointer_.tend(database, log_pages);
          }} {
    make_home(home);
    readers_.keep(open_migrated(file_, migrations()));
    if (last_end == LastEnd::unclean) {
        check();
    }
}

void Store::check() {
    read([&](Database& database) {
        auto findings = database.query("PRAGMA quick_check(10)");
        std::string problems;
        while (findings.next()) {
            const auto finding = findings.get<std::string>(0);
            if (finding != "ok") {
                problems += "\n  " + finding;
            }
        }
        if (!problems.empty()) {
            throw Error{
                ErrorKind::corrupt, fmt::format("'{}' is damaged:{}", file_.string(), problems)}
                .hint("keep the file and its -wal for inspection; put a backup in its place");
        }
    });
}

}  // namespace kiln::sqlite

#include "sqlite/migrations.hpp"

#include "os/files.hpp"
#include "sqlite/checkpointer.hpp"

#include <fmt/format.h>

#include <fcntl.h>

namespace kiln::sqlite {

namespace {

Header read_header(Database& database) {
    Transaction snapshot{database, Transaction::Kind::deferred};
    return {
        .application_id = database.number("PRAGMA application_id"),
        .version = database.number("PRAGMA user_version"),
        .empty = database.number("SELECT COUNT(*) FROM sqlite_master") == 0,
    };
}

void apply(Database& database, const Migration& step, std::int64_t number) {
    database.script(std::string{step.sql});
    database.script(fmt::format("PRAGMA user_version = {}", number));
}

void migrate(Database& database, std::span<const Migration> steps) {
    // Outside of a transaction, as SQLite wants it; kept in the file from then on.
    database.script("PRAGMA journal_mode = WAL");
    Transaction transaction{database, Transaction::Kind::immediate};
    const auto done = database.number("PRAGMA user_version");
    for (auto number = done + 1; number <= std::ssize(steps); ++number) {
        const auto& step = steps[static_cast<std::size_t>(number - 1)];
        try {
            apply(database, step, number);
        } catch (const Error& error) {
            throw error.while_(fmt::format("migration {} ({})", number, step.name));
        }
    }
    database.script(fmt::format("PRAGMA application_id = {}", kApplicationId));
    transaction.commit();
}

}  // namespace

Upgrade judge(const Header& header, std::int64_t newest) {
    if (header.application_id != kApplicationId && !header.empty) {
        throw Error{ErrorKind::invalid, "this is the database of another program"}.hint(
            "point KILN_HOME at another folder"
        );
    }
    if (header.version > newest) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "the store has version {}; this kiln knows versions up to {}",
                header.version,
                newest
            )}
            .hint("use the newer kiln that wrote it, or another KILN_HOME");
    }
    return header.version == newest ? Upgrade::none : Upgrade::needed;
}

Database open_migrated(const std::filesystem::path& file, std::span<const Migration> steps) {
    const auto judged = [&](Database& database) {
        try {
            return judge(read_header(database), std::ssize(steps));
        } catch (const Error& error) {
            throw error.while_(fmt::format("open '{}'", file.string()));
        }
    };
    if (std::filesystem::exists(file)) {
        auto database = Database::open(file, Use::writing);
        if (judged(database) == Upgrade::none) {
            return database;
        }
    }
    const auto lock = os::FileLock::acquire(file.string() + ".lock");
    // Ours alone from the first byte; SQLite gives -wal and -shm the same mode.
    os::open_file(file, O_RDWR | O_CREAT, 0600).close();
    auto database = Database::open(file, Use::writing);
    if (judged(database) == Upgrade::needed) {
        migrate(database, steps);
        reserve_log(database, file);
    }
    return database;
}

}  // namespace kiln::sqlite

#include "sqlite/checkpointer.hpp"

#include "base/log.hpp"
#include "os/fd.hpp"
#include "sqlite/error.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sqlite3.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::sqlite {

namespace {

/// At which the writer copies everything itself: the thread cannot keep up, or a reader blocks it.
constexpr std::size_t kStallPages = 4 * kMostCheckpointPages;

/// So few are copied by the writer, who holds up everybody meanwhile.
constexpr std::size_t kFewPages = 128;
constexpr int kMostPasses = 4;

/// What the log of a store in use grows to.
constexpr std::size_t kReservedBytes = (kCheckpointPages + 64) * (4096 + 24);

template <class Effort>
void try_to(Effort&& effort) {
    try {
        effort();
    } catch (const std::exception& error) {
        log_debug("store: no checkpoint this time", {{"why", error.what()}});
    }
}

}  // namespace

Checkpointer::~Checkpointer() {
    wish_.lock()->closing = true;
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
    if (log_pages_ >= kCheckpointPages) {
        try_to([&] {
            auto database = Database::open(file_, Use::writing);
            // Whoever holds the store now is alive and sees to the log itself.
            sqlite3_busy_timeout(database.handle(), 0);
            restart_log(database);
        });
    }
}

std::size_t next_log_length(std::size_t length, std::size_t grown) {
    if (grown > length / 2) {
        return std::min(2 * length, kMostCheckpointPages);
    }
    return grown < length / 8 ? std::max(length / 2, kCheckpointPages) : length;
}

void Checkpointer::tend(Database& writer, std::size_t log_pages) {
    log_pages_ = log_pages;
    if (stage_ == Stage::idle && log_pages >= length_) {
        passes_ = 0;
        request();
    } else if (stage_ == Stage::copied || (stage_ == Stage::copying && log_pages >= kStallPages)) {
        const auto grown = log_pages - std::min(asked_at_, log_pages);
        if (passes_ == 1) {
            grown_ = grown;
        }
        if (grown > kFewPages && passes_ < kMostPasses && log_pages < kStallPages) {
            request();
            return;
        }
        try_to([&] { checkpoint(writer); });
        length_ = next_log_length(length_, grown_);
        stage_ = Stage::idle;
    }
}

void Checkpointer::request() {
    if (!thread_.joinable()) {
        thread_ = std::thread{[this] { serve(); }};
    }
    ++passes_;
    asked_at_ = log_pages_;
    stage_ = Stage::copying;
    wish_.lock()->wanted = true;
    changed_.notify_one();
}

void Checkpointer::serve() {
    for (;;) {
        {
            auto wish = wish_.lock();
            changed_.wait(wish.raw(), [&] { return wish->wanted || wish->closing; });
            if (!wish->wanted) {
                return;
            }
            wish->wanted = false;
        }
        try_to([&] {
            auto database = Database::open(file_, Use::writing);
            checkpoint(database);
        });
        stage_ = Stage::copied;
    }
}

Copied checkpoint(Database& database) {
    int in_log = 0;
    int copied = 0;
    const int code = sqlite3_wal_checkpoint_v2(
        database.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied
    );
    // Busy: another process is at it.
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
        throw_error(database.handle(), code, "checkpoint the store");
    }
    return code == SQLITE_OK && in_log == copied ? Copied::whole : Copied::partly;
}

Copied restart_log(Database& database) {
    if (checkpoint(database) == Copied::partly) {
        return Copied::partly;
    }
    Transaction touch{database, Transaction::Kind::immediate};
    const auto version = database.number("PRAGMA user_version");
    database.script(fmt::format("PRAGMA user_version = {}", version));
    touch.commit();
    return Copied::whole;
}

void reserve_log(Database& database, const std::filesystem::path& file) {
    // Nobody appends to the log while we hold the write lock.
    const Transaction lock{database, Transaction::Kind::immediate};
    const auto log = os::open_file(file.string() + "-wal", O_WRONLY);
    const auto size = ::lseek(log.get(), 0, SEEK_END);
    if (size < 0) {
        throw_errno("reserve room for the store's log");
    }
    const auto held = static_cast<std::size_t>(size);
    if (held < kReservedBytes) {
        os::write_all(log, std::string(kReservedBytes - held, '\0'));
        if (::fsync(log.get()) != 0) {
            throw_errno("reserve room for the store's log");
        }
    }
}

}  // namespace kiln::sqlite

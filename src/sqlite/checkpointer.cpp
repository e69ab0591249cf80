#include "sqlite/checkpointer.hpp"

#include "base/log.hpp"
#include "sqlite/error.hpp"

#include <sqlite3.h>

namespace kiln::sqlite {

Checkpointer::~Checkpointer() {
    wish_.lock()->closing = true;
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Checkpointer::request() {
    if (!thread_.joinable()) {
        thread_ = std::thread{[this] { serve(); }};
    }
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
        try {
            auto database = Database::open(file_, Use::writing);
            checkpoint(database);
        } catch (const std::exception& error) {
            log_debug("store: no checkpoint this time", {{"why", error.what()}});
        }
    }
}

void checkpoint(Database& database) {
    const int code = sqlite3_wal_checkpoint_v2(
        database.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr
    );
    // Busy: another process is at it.
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
        throw_error(database.handle(), code, "checkpoint the store");
    }
}

}  // namespace kiln::sqlite

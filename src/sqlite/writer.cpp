#include "sqlite/writer.hpp"

#include <sqlite3.h>

namespace kiln::sqlite {

namespace {

/// Bounds memory, not speed: callers that wait for their answer never come near it.
constexpr std::size_t kMostPending = 10'000;

int note_log_pages(void* pages, sqlite3*, const char*, int count) {
    *static_cast<std::size_t*>(pages) = static_cast<std::size_t>(count);
    return SQLITE_OK;
}

}  // namespace

Writer::Writer(std::function<Database()> open, AfterCommit after_commit)
    : open_{std::move(open)}, after_commit_{std::move(after_commit)} {}

Writer::~Writer() {
    queue_.lock()->closing = true;
    arrived_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Writer::write(Work work) {
    submit(std::move(work)).get();
}

std::future<void> Writer::submit(Work work) {
    auto promise = std::make_shared<std::promise<void>>();
    auto answer = promise->get_future();
    submit(std::move(work), [promise](const std::exception_ptr& failure) {
        if (failure) {
            promise->set_exception(failure);
        } else {
            promise->set_value();
        }
    });
    return answer;
}

void Writer::submit(Work work, Done done) {
    std::call_once(started_, [this] { thread_ = std::thread{[this] { serve(); }}; });
    {
        auto queue = queue_.lock();
        if (queue->pending.size() >= kMostPending) {
            throw Error{ErrorKind::exhausted, "the store: too many writes wait for the disk"};
        }
        queue->pending.push_back({std::move(work), std::move(done), nullptr});
    }
    arrived_.notify_one();
}

std::deque<Writer::Pending> Writer::take_batch() {
    auto queue = queue_.lock();
    arrived_.wait(queue.raw(), [&] { return !queue->pending.empty() || queue->closing; });
    return std::exchange(queue->pending, {});
}

void Writer::serve() {
    for (auto batch = take_batch(); !batch.empty(); batch = take_batch()) {
        try {
            run_batch(batch);
        } catch (...) {
            // Nothing of the batch stayed. A connection that saw the disk fail starts anew.
            for (auto& pending : batch) {
                pending.failure = std::current_exception();
            }
            database_.reset();
        }
        for (auto& pending : batch) {
            pending.done(pending.failure);
        }
        if (database_ && after_commit_) {
            after_commit_(*database_, log_pages_);
        }
    }
}

void Writer::run_batch(std::deque<Pending>& batch) {
    if (!database_) {
        database_ = open_();
        sqlite3_wal_hook(database_->handle(), &note_log_pages, &log_pages_);
    }
    Transaction transaction{*database_, Transaction::Kind::immediate};
    for (auto& pending : batch) {
        run_one(*database_, pending);
    }
    transaction.commit();
    ++commits_;
}

void Writer::run_one(Database& database, Pending& pending) {
    database.run("SAVEPOINT work");
    try {
        pending.work(database);
    } catch (...) {
        if (!database.in_transaction()) {
            throw;  // SQLite has rolled back the whole batch
        }
        pending.failure = std::current_exception();
        database.run("ROLLBACK TO work");
    }
    database.run("RELEASE work");
}

}  // namespace kiln::sqlite

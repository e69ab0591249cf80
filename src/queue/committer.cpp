#include "queue/committer.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

namespace kiln::queue {

namespace {

Refusal refusal_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        const bool corrupt = error.kind() == ErrorKind::corrupt;
        return {
            corrupt ? RefusalCode::corrupt : RefusalCode::unavailable,
            fmt::format("the queues' store failed, nothing was done: {}", error.message())};
    } catch (const std::exception& error) {
        return {
            RefusalCode::unavailable,
            fmt::format("the queues' store failed, nothing was done: {}", error.what())};
    }
}

}  // namespace

void Committer::answer(Batch& batch, const Refusal* failure) {
    for (auto& answer : batch.answers) {
        answer(failure);
    }
}

void Committer::submit() {
    if (writing_) {
        return;
    }
    auto batch = std::exchange(gathering_, {});
    if (batch.changes.empty()) {
        answer(batch, nullptr);
        return;
    }
    auto changes = std::move(batch.changes);
    writing_ = std::move(batch);
    store_.apply(std::move(changes), [this](std::exception_ptr failure) {
        inbox_.settle(std::move(failure));
    });
}

std::optional<Batch> Committer::settle(const std::exception_ptr& failure) {
    KILN_CHECK(writing_.has_value());
    auto ended = std::move(*writing_);
    writing_.reset();
    if (!failure) {
        return ended;
    }
    auto gathered = std::exchange(gathering_, {});
    gathered.take_back();
    ended.take_back();
    const auto refusal = refusal_of(failure);
    answer(ended, &refusal);
    answer(gathered, &refusal);
    return std::nullopt;
}

}  // namespace kiln::queue

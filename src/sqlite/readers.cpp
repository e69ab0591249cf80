#include "sqlite/readers.hpp"

namespace kiln::sqlite {

namespace {
constexpr std::size_t kMostIdle = 4;
}  // namespace

void Readers::keep(Database connection) {
    // A connection that is left in a transaction would hold back every checkpoint.
    if (connection.in_transaction()) {
        return;
    }
    auto idle = idle_.lock();
    if (idle->size() < kMostIdle) {
        idle->push_back(std::move(connection));
    }
}

Database Readers::take() {
    {
        auto idle = idle_.lock();
        if (!idle->empty()) {
            auto database = std::move(idle->back());
            idle->pop_back();
            return database;
        }
    }
    return Database::open(file_, Use::reading);
}

}  // namespace kiln::sqlite

#include "sqlite/ledger.hpp"

namespace kiln::sqlite {

void SqliteLedger::intend(const JobId& job, const std::vector<ports::Resource>& resources) {
    if (resources.empty()) {
        return;
    }
    const auto now = clock_.now();
    store_.write([&](Database& database) {
        auto sequence = database.number("SELECT COALESCE(MAX(sequence), 0) FROM ledger");
        for (const auto& resource : resources) {
            sequence += database.run(
                "INSERT INTO ledger (sequence, kind, name, job, holder, since_us) "
                "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (job, kind, name) DO NOTHING",
                sequence + 1,
                to_string(resource.kind),
                resource.name,
                job,
                holder_,
                now
            );
        }
    });
}

void SqliteLedger::release(const JobId& job, const std::vector<ports::Resource>& resources) {
    if (resources.empty()) {
        return;
    }
    store_.write([&](Database& database) {
        for (const auto& resource : resources) {
            database.run(
                "DELETE FROM ledger WHERE job = $1 AND kind = $2 AND name = $3",
                job,
                to_string(resource.kind),
                resource.name
            );
        }
    });
}

void SqliteLedger::release_all(const JobId& job) {
    store_.write([&](Database& database) { database.run("DELETE FROM ledger WHERE job = $1", job); }
    );
}

std::vector<ports::LedgerEntry> SqliteLedger::entries() {
    return store_.read([](Database& database) {
        std::vector<ports::LedgerEntry> entries;
        auto row = database.query(
            "SELECT sequence, kind, name, job, holder, since_us FROM ledger ORDER BY sequence"
        );
        while (row.next()) {
            entries.push_back({
                .sequence = row.get<std::int64_t>(0),
                .resource = {ports::resource_kind(row.text(1)), row.get<std::string>(2)},
                .job = row.get<JobId>(3),
                .holder = row.get<HolderId>(4),
                .since = row.get<TimePoint>(5),
            });
        }
        return entries;
    });
}

std::vector<HolderId> SqliteLedger::holders() {
    return store_.read([](Database& database) {
        std::vector<HolderId> holders;
        auto row = database.query("SELECT DISTINCT holder FROM ledger ORDER BY holder");
        while (row.next()) {
            holders.push_back(row.get<HolderId>(0));
        }
        return holders;
    });
}

}  // namespace kiln::sqlite

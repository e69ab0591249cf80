#include "sqlite/flow_rows.hpp"

namespace kiln::sqlite {

ports::ExecutionRow read_execution(const Statement& row) {
    return {
        .number = row.get<std::int64_t>(0),
        .arn = row.get<std::string>(1),
        .name = row.get<std::string>(2),
        .machine = row.get<std::string>(3),
        .version = row.get<std::string>(4),
        .alias = row.get<std::string>(5),
        .revision = row.get<std::int64_t>(6),
        .map_run = row.get<std::string>(7),
        .map_index = row.get<std::int64_t>(8),
        .status = row.get<std::string>(9),
        .redrives = row.get<std::int64_t>(10),
        .role = row.get<std::string>(11),
        .started = row.get<TimePoint>(12),
        .stopped = row.get<std::optional<TimePoint>>(13),
        .input = row.get<std::string>(14),
        .output = row.get<std::string>(15),
        .error = row.get<std::optional<std::string>>(16),
        .cause = row.get<std::optional<std::string>>(17),
        .more = row.get<std::string>(18),
    };
}

ports::MapRunRow read_map_run(const Statement& row) {
    return {
        .arn = row.get<std::string>(0),
        .execution = row.get<std::int64_t>(1),
        .frame = row.get<std::int64_t>(2),
        .task = row.get<std::int64_t>(3),
        .status = row.get<std::string>(4),
        .started = row.get<TimePoint>(5),
        .stopped = row.get<std::optional<TimePoint>>(6),
        .head = row.get<std::string>(7),
        .items = row.get<std::string>(8),
    };
}

}  // namespace kiln::sqlite

#pragma once

#include "asl/choice.hpp"
#include "asl/expression.hpp"
#include "asl/resource.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A state machine of the Amazon States Language as it is run: checked, every expression compiled.
/// Immutable; shared by all executions of one revision, on any thread.
namespace kiln::asl {

enum class StateType { pass, task, choice, wait, succeed, fail, parallel, map };

/// "Pass", "Task" …
[[nodiscard]] std::string_view to_string(StateType type) noexcept;

/// A state's place in its group.
using StateIndex = std::size_t;

struct State;

/// A `States` object with its `StartAt`: the machine's, a branch's, or an item processor's.
struct StateGroup {
    StateIndex start_at = 0;
    std::vector<State> states;  ///< in the order of the definition
    std::map<std::string, StateIndex, std::less<>> by_name;
};

enum class Jitter { none, full };

/// One of `Retry`. Delay n (from 1) is min(max_delay, interval · backoff^(n-1)), jittered.
struct Retrier {
    std::vector<std::string> error_equals;
    std::int64_t interval_seconds = 1;
    std::int64_t max_attempts = 3;
    double backoff_rate = 2.0;
    std::optional<std::int64_t> max_delay_seconds;
    Jitter jitter = Jitter::none;
};

/// One of `Catch`.
struct Catcher {
    std::vector<std::string> error_equals;
    StateIndex next = 0;
    ResultPath result_path;         ///< JSONPath
    std::optional<Setting> output;  ///< JSONata
    std::optional<Assignments> assign;
};

struct PassFields {
    std::optional<json::value> result;  ///< JSONPath
};

struct TaskFields {
    Resource resource;
    std::optional<Setting> timeout;      ///< TimeoutSeconds[Path]
    std::optional<Setting> heartbeat;    ///< HeartbeatSeconds[Path]
    std::optional<Setting> credentials;  ///< an object
};

struct ChoiceRule {
    Condition condition;
    StateIndex next = 0;
    std::optional<Assignments> assign;
    std::optional<Setting> output;  ///< JSONata
};

struct ChoiceFields {
    std::vector<ChoiceRule> rules;
    std::optional<StateIndex> fallback;  ///< Default
};

struct WaitFields {
    Setting until;  ///< field: Seconds, SecondsPath, Timestamp or TimestampPath
};

struct FailFields {
    std::optional<Setting> error;  ///< Error or ErrorPath
    std::optional<Setting> cause;  ///< Cause or CausePath
};

struct ParallelFields {
    std::vector<StateGroup> branches;
};

enum class ChildType { standard, express };

struct ItemReader {
    Resource resource;
    std::optional<Setting> parameters;  ///< Parameters or Arguments
    json::object config;                ///< ReaderConfig as written, checked
    std::optional<Setting> max_items;   ///< MaxItems or MaxItemsPath
};

struct ItemBatcher {
    std::optional<Setting> max_items;  ///< MaxItemsPerBatch[Path]
    std::optional<Setting> max_bytes;  ///< MaxInputBytesPerBatch[Path]
    std::optional<Setting> input;      ///< BatchInput
};

struct ResultWriter {
    std::optional<Resource> resource;
    std::optional<Setting> parameters;  ///< Parameters or Arguments
    json::object config;                ///< WriterConfig as written, checked
};

struct MapFields {
    StateGroup processor;
    bool distributed = false;
    ChildType child_type = ChildType::standard;
    std::string label;                     ///< distributed: given, or made from the state's name
    std::optional<Setting> items;          ///< ItemsPath or Items
    std::optional<Setting> item_selector;  ///< ItemSelector, or Parameters of old
    std::optional<Setting> max_concurrency;
    std::optional<ItemReader> reader;
    std::optional<ItemBatcher> batcher;
    std::optional<ResultWriter> writer;
    std::optional<Setting> tolerated_count;
    std::optional<Setting> tolerated_percentage;
};

struct SucceedFields {};

struct State {
    std::string name;
    StateType type = StateType::pass;
    QueryLanguage language = QueryLanguage::jsonpath;
    std::optional<StateIndex> next;  ///< in its group; none: the group ends here (End, or terminal)

    // JSONPath
    PathSetting input_path;   ///< absent: $
    PathSetting output_path;  ///< absent: $
    ResultPath result_path;   ///< absent: $
    std::optional<Setting> result_selector;

    /// Parameters (JSONPath) or Arguments (JSONata).
    std::optional<Setting> parameters;
    /// JSONata.
    std::optional<Setting> output;
    std::optional<Assignments> assign;
    std::vector<Retrier> retry;
    std::vector<Catcher> catchers;

    std::variant<
        PassFields,
        TaskFields,
        ChoiceFields,
        WaitFields,
        SucceedFields,
        FailFields,
        ParallelFields,
        MapFields>
        fields;
};

struct StateMachine {
    StateGroup top;
    QueryLanguage language = QueryLanguage::jsonpath;
    std::optional<std::int64_t> timeout_seconds;
    std::string comment;
};

using StateMachinePtr = std::shared_ptr<const StateMachine>;

}  // namespace kiln::asl

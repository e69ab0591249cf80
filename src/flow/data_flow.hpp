#pragma once

#include "asl/definition.hpp"
#include "flow/history.hpp"
#include "flow/payload.hpp"
#include "flow/state_failure.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The data of one visit of one state: pure but for the random numbers and ids that it asks for.
///
///   JSONPath: input -> InputPath -> Parameters -> (work) -> ResultSelector -> ResultPath
///             -> OutputPath -> output;  Assign
///   JSONata:  input -> Arguments -> (work) -> Output -> output;  Assign
namespace kiln::flow {

/// What a state's expressions may name besides its input. Asked only when one does.
class Surroundings {
  public:
    virtual ~Surroundings() = default;
    /// `$$`, `$states.context`
    [[nodiscard]] virtual const Payload& context() = 0;
    /// The scopes of variables, innermost first; none of them null.
    [[nodiscard]] virtual const std::vector<const Variables*>& scopes() = 0;
    [[nodiscard]] virtual std::uint64_t random() = 0;  ///< all 64 bits
    [[nodiscard]] virtual std::string uuid() = 0;
    /// The event at which the state was entered; 0: messages do not name state and event.
    [[nodiscard]] virtual EventId entered() const = 0;
    [[nodiscard]] virtual TimePoint now() = 0;  ///< for $now() and $millis()

    /// What keeps the state alive, so that its constants need not be copied; null: they are.
    [[nodiscard]] virtual std::shared_ptr<const void> owner() { return nullptr; }
};

/// What a visit computed on its way, for TestState. Null: not computed.
struct Inspection {
    Payload after_input_path;
    Payload after_parameters;
    Payload after_arguments;
    Payload after_items_path;  ///< ItemsPath or Items
    Payload after_item_selector;
    Payload after_item_batcher;
    Payload after_result_selector;
    Payload after_result_path;
    std::optional<std::int64_t> max_concurrency;
    std::optional<std::int64_t> tolerated_count;
    std::optional<double> tolerated_percentage;
    std::optional<Variables> assigned;
};

/// What a state leaves.
struct Exit {
    Payload output;
    Variables assigned;  ///< by its Assign
};

/// The value that one expression sees as `$`, or as `$states`' members.
struct Subject {
    Payload input;         ///< JSONPath: what `$` is; JSONata: $states.input
    Payload result;        ///< JSONata: $states.result; null: not there
    Payload error_output;  ///< JSONata: $states.errorOutput; null: not there
};

/// @param name  of the state, or of its task, for the cause
/// @throws StateFailure  States.DataLimitExceeded: the text would have more bytes than the limit;
///         States.Runtime: nested too deep
void check_payload_size(const json::value& value, std::string_view name, std::size_t limit_bytes);

/// @throws StateFailure  from all of these: States.Runtime, States.QueryEvaluationError (with a
///         location), States.DataLimitExceeded; the cause is AWS' text
class DataFlow {
  public:
    /// All outlive this. `raw` is the state's input; a result that is longer than `limit_bytes`
    /// fails.
    DataFlow(
        const asl::State& state,
        Payload raw,
        Surroundings& around,
        std::size_t limit_bytes,
        Inspection* inspection = nullptr
    );

    [[nodiscard]] const asl::State& state() const noexcept { return state_; }

    [[nodiscard]] const Payload& raw() const noexcept { return raw_; }

    [[nodiscard]] Surroundings& around() noexcept { return around_; }

    [[nodiscard]] Inspection* inspection() noexcept { return inspection_; }

    /// After InputPath; computed once.
    const Payload& effective();
    /// After Parameters or Arguments: what a task gets, what branches get, a Pass' result.
    [[nodiscard]] Payload arguments();

    /// For who knows it already: what `effective` gives from now on.
    void set_effective(Payload effective) { effective_ = std::move(effective); }

    /// A Pass, whole.
    [[nodiscard]] Exit pass();
    /// Ends the state with what its work gave: ResultSelector … OutputPath, or Output; and Assign.
    [[nodiscard]] Exit leave(Payload result);
    /// Ends a state without work (Choice without its rule's own fields, Wait, Succeed).
    [[nodiscard]] Exit pass_through();
    /// Ends the state by a catcher.
    [[nodiscard]] Exit leave_by(const asl::Catcher& catcher, const ErrorOutput& error);
    /// A Choice's end by one of its rules.
    [[nodiscard]] Exit leave_by(const asl::ChoiceRule& rule);

    /// A setting's value: constants, paths, templates, intrinsics, JSONata. `path` is where the
    /// field stands, for JSONata's location: "Items", "ItemReader/Arguments".
    [[nodiscard]] Payload evaluate(
        const asl::Setting& setting, const Subject& subject, std::string_view path
    );
    /// With the subject that fields other than Output and Assign have, and the field's own name.
    [[nodiscard]] Payload evaluate(const asl::Setting& setting);
    /// What a path leads to in the effective input; null: nothing.
    [[nodiscard]] Payload find(const jsonpath::Path& path);
    /// A condition's expression.
    [[nodiscard]] Payload evaluate(
        const asl::JsonataTemplate& expression, const Subject& subject, std::string_view path
    );

    /// "An error occurred while executing the state 'NAME' (entered at the event id #N). " + text
    [[nodiscard]] std::string in_state(std::string_view text) const;
    /// States.Runtime with that prefix.
    [[nodiscard]] StateFailure runtime_failure(std::string_view text) const;
    /// States.QueryEvaluationError with that prefix.
    [[nodiscard]] StateFailure query_failure(std::string_view text, std::string location) const;

  private:
    [[nodiscard]] Payload select(const asl::PathSetting& setting, const Payload& from);
    [[nodiscard]] Payload combine(const asl::ResultPath& path, Payload result);
    [[nodiscard]] Payload checked(Payload output) const;
    [[nodiscard]] Payload share(const json::value& constant);
    [[nodiscard]] Exit leave_jsonpath(Payload result);
    [[nodiscard]] Exit leave_jsonata(const Subject& subject);
    [[nodiscard]] Variables assign(const asl::Assignments& assignments, const Subject& subject);
    // evaluate.cpp
    [[nodiscard]] Payload require(const jsonpath::Path& path, const Subject& subject);
    [[nodiscard]] Payload document(const jsonpath::Root& root, const Subject& subject);
    [[nodiscard]] Payload variable(std::string_view name);
    [[nodiscard]] json::value render(const jsonpath::Template& filled, const Subject& subject);
    [[nodiscard]] json::value call(const jsonpath::Intrinsic& function, const Subject& subject);
    // query.cpp
    [[nodiscard]] json::value query(
        const asl::JsonataTemplate& node, const Subject& subject, const std::string& path
    );
    [[nodiscard]] json::value query(
        const asl::JsonataField& field, const Subject& subject, const std::string& path
    );

    const asl::State& state_;
    Payload raw_;
    Surroundings& around_;
    std::size_t limit_bytes_;
    Inspection* inspection_;
    Payload effective_;
};

}  // namespace kiln::flow

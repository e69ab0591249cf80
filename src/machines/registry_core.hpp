#pragma once

#include "machines/compiled.hpp"
#include "machines/registry.hpp"
#include "machines/rules.hpp"
#include "machines/sequence.hpp"

#include <utility>

namespace kiln::machines {

/// What the registry consists of.
class Registry::Core {
  public:
    Core(
        ports::MachineStore& store,
        const ports::Clock& clock,
        Surroundings surroundings,
        RegistrySettings settings
    );

    /// `decide(const Book&, const Facts&)` gives a Decided about the thing of this ARN. It is
    /// called when all commands before it are done.
    template <class Decide, class Answer>
    void decide(std::string arn, Decide decide, Callback<Answer> done) {
        sequence->add([this, arn = std::move(arn), decide = std::move(decide), done](
                          const Book& book
                      ) { return step_of(arn, decide(book, facts(book)), done); });
    }

    /// A machine that is being deleted goes when its executions have ended: whoever looks at it
    /// next sees to it. @returns  is it gone?
    bool forget_if_ended(std::string_view arn);

    [[nodiscard]] Facts facts(const Book& book) const;

    ports::MachineStore& store;
    const ports::Clock& clock;
    Surroundings surroundings;
    RegistrySettings settings;
    Compiled compiled;
    std::shared_ptr<Sequence> sequence;

  private:
    template <class Thing, class Answer>
    static Step step_of(
        const std::string& arn, Decided<Thing, Answer> decided, Callback<Answer> done
    ) {
        if (auto* const refusal = std::get_if<Refusal>(&decided)) {
            return {
                {}, {}, [done = std::move(done), why = std::move(*refusal)](bool) { done(why); }};
        }
        auto& decision = std::get<Decision<Thing, Answer>>(decided);
        std::shared_ptr<const Thing> after;
        if (decision.after) {
            after = std::make_shared<const Thing>(*std::move(decision.after));
        }
        return {
            std::move(decision.changes),
            [arn, after](Book& book) { book.put(arn, after); },
            [done = std::move(done), answer = std::move(decision.answer)](bool stored) {
                if (stored) {
                    done(answer);
                } else {
                    done(Refusal{
                        "InternalFailure", "What was asked could not be stored; nothing changed."});
                }
            }};
    }
};

/// Tells a refusal at once.
template <class Answer, class Value>
[[nodiscard]] bool refused(const Result<Value>& result, const Callback<Answer>& done) {
    if (const auto* const refusal = std::get_if<Refusal>(&result)) {
        done(*refusal);
        return true;
    }
    return false;
}

template <class Answer>
[[nodiscard]] bool refused(const std::optional<Refusal>& refusal, const Callback<Answer>& done) {
    if (refusal) {
        done(*refusal);
    }
    return refusal.has_value();
}

}  // namespace kiln::machines

#include "release/graph.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace kiln::release {

namespace {

constexpr std::size_t kLongestState = 80;

/// What is run in one group of the machine: a step, or all that is run for each of something.
struct Node {
    Flow flow;
    std::set<std::size_t> after;  ///< nodes right before it
};

using Nodes = std::vector<Node>;
using Members = std::vector<std::size_t>;  ///< in the order of the plan

/// reach[a][b]: b comes after a.
std::vector<std::vector<bool>> reachable(const Nodes& nodes) {
    std::vector<std::vector<bool>> reach(nodes.size(), std::vector<bool>(nodes.size()));
    for (std::size_t b = 0; b < nodes.size(); ++b) {
        for (const auto a : nodes[b].after) {
            reach[a][b] = true;
        }
    }
    for (std::size_t via = 0; via < nodes.size(); ++via) {
        for (std::size_t a = 0; a < nodes.size(); ++a) {
            for (std::size_t b = 0; reach[a][via] && b < nodes.size(); ++b) {
                reach[a][b] = reach[a][b] || reach[via][b];
            }
        }
    }
    return reach;
}

/// Groups of members that hang together, each in the order of the members.
template <class Together>
std::vector<Members> components(const Members& members, Together together) {
    std::vector<Members> out;
    std::set<std::size_t> seen;
    for (const auto first : members) {
        if (seen.contains(first)) {
            continue;
        }
        std::set<std::size_t> group;
        Members open{first};
        while (!open.empty()) {
            const auto at = open.back();
            open.pop_back();
            if (!seen.insert(at).second) {
                continue;
            }
            group.insert(at);
            for (const auto other : members) {
                if (!seen.contains(other) && together(at, other)) {
                    open.push_back(other);
                }
            }
        }
        out.emplace_back(group.begin(), group.end());
    }
    return out;
}

/// Takes a graph apart: what hangs together in no way is parallel; parts of which each comes
/// wholly before the next are a series. What is neither goes by rank, which orders more than asked.
class Decomposition {
  public:
    explicit Decomposition(Nodes nodes) : nodes_{std::move(nodes)}, reach_{reachable(nodes_)} {}

    Flow flow() {
        Members all(nodes_.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i] = i;
        }
        return flow(all);
    }

  private:
    [[nodiscard]] bool ordered(std::size_t a, std::size_t b) const {
        return reach_[a][b] || reach_[b][a];
    }

    Flow flow(const Members& members) {
        if (members.size() == 1) {
            return std::move(nodes_[members.front()].flow);
        }
        auto parts = components(members, [&](auto a, auto b) { return ordered(a, b); });
        if (parts.size() > 1) {
            return group(Flow::Kind::parallel, parts);
        }
        parts = components(members, [&](auto a, auto b) { return a != b && !ordered(a, b); });
        if (parts.size() == 1) {
            return group(Flow::Kind::series, ranks(members));
        }
        std::ranges::sort(parts, [&](const Members& a, const Members& b) {
            return reach_[a.front()][b.front()];
        });
        return group(Flow::Kind::series, parts);
    }

    /// By the number of members on the longest way to it.
    [[nodiscard]] std::vector<Members> ranks(const Members& members) const {
        std::map<std::size_t, std::size_t> rank;
        for (std::size_t round = 0; round < members.size(); ++round) {
            for (const auto b : members) {
                for (const auto a : members) {
                    if (reach_[a][b]) {
                        rank[b] = std::max(rank[b], rank[a] + 1);
                    }
                }
            }
        }
        std::map<std::size_t, Members> by_rank;
        for (const auto member : members) {
            by_rank[rank[member]].push_back(member);
        }
        std::vector<Members> out;
        for (auto& [number, group] : by_rank) {
            out.push_back(std::move(group));
        }
        return out;
    }

    Flow group(Flow::Kind kind, const std::vector<Members>& parts) {
        Flow out{kind, "", {}};
        for (const auto& part : parts) {
            auto inner = flow(part);
            if (inner.kind == kind) {
                std::ranges::move(inner.parts, std::back_inserter(out.parts));
            } else {
                out.parts.push_back(std::move(inner));
            }
        }
        return out;
    }

    Nodes nodes_;
    std::vector<std::vector<bool>> reach_;
};

Per finer_than(Per per) {
    return per == Per::run ? Per::version : Per::distro;
}

/// One scope's steps and those of finer ones.
class Arranger {
  public:
    explicit Arranger(const Plan& plan) : plan_{plan} {}

    Flow arrange(const std::vector<const Step*>& steps, Per scope) {
        const auto rounds = rounds_of(steps, scope);
        Nodes nodes;
        std::map<std::string, std::size_t> node_of;
        std::map<std::size_t, std::vector<const Step*>> finer;
        for (const auto* step : steps) {
            if (step->per == scope) {
                node_of[step->name] = nodes.size();
                nodes.push_back({Flow{Flow::Kind::step, step->name, {}}, {}});
            } else {
                finer[rounds.at(step->name)].push_back(step);
            }
        }
        for (const auto& [round, inside] : finer) {
            for (const auto* step : inside) {
                node_of[step->name] = nodes.size();
            }
            nodes.push_back({for_each(inside, scope), {}});
        }
        for (const auto* step : steps) {
            for (const auto& before : step->after) {
                const auto a = node_of.find(before);
                const auto b = node_of.at(step->name);
                if (a != node_of.end() && a->second != b) {
                    nodes[b].after.insert(a->second);
                }
            }
        }
        return Decomposition{std::move(nodes)}.flow();
    }

  private:
    /// How often finer steps were joined before each.
    [[nodiscard]] std::map<std::string, std::size_t> rounds_of(
        const std::vector<const Step*>& steps, Per scope
    ) const {
        std::map<std::string, std::size_t> rounds;
        for (const auto* step : steps) {
            rounds[step->name] = 0;
        }
        for (std::size_t pass = 0; pass < steps.size(); ++pass) {
            for (const auto* step : steps) {
                for (const auto& before : step->after) {
                    const auto found = rounds.find(before);
                    if (found == rounds.end()) {
                        continue;
                    }
                    const bool joins = step->per == scope && plan_.find(before)->per != scope;
                    auto& round = rounds[step->name];
                    round = std::max(round, found->second + (joins ? 1 : 0));
                }
            }
        }
        return rounds;
    }

    Flow for_each(const std::vector<const Step*>& steps, Per scope) {
        auto inside = arrange(steps, finer_than(scope));
        Flow out{scope == Per::run ? Flow::Kind::versions : Flow::Kind::distros, "", {}};
        if (inside.kind == Flow::Kind::series) {
            out.parts = std::move(inside.parts);
        } else {
            out.parts.push_back(std::move(inside));
        }
        return out;
    }

    const Plan& plan_;
};

/// Gives names to states, each once.
class Namer {
  public:
    explicit Namer(const Plan& plan) : noun_{plan.distros.noun} {
        for (const auto& step : plan.steps) {
            for (const auto* prefix : {"", "Should", "PrepareTo"}) {
                taken_.insert(prefix + step.name);
            }
        }
    }

    void name(Flow& flow) {
        for (auto& part : flow.parts) {
            name(part);
        }
        switch (flow.kind) {
            case Flow::Kind::step:
            case Flow::Kind::series:
                return;
            case Flow::Kind::parallel:
                flow.name = fresh(title_of(flow));
                return;
            case Flow::Kind::versions:
                flow.name = fresh("ForEachVersion");
                return;
            case Flow::Kind::distros:
                flow.name = fresh("ForEach" + noun_);
                return;
        }
    }

  private:
    std::string fresh(const std::string& wanted) {
        auto name = wanted;
        for (int number = 2; !taken_.insert(name).second; ++number) {
            name = fmt::format("{}{}", wanted, number);
        }
        return name;
    }

    std::string noun_;
    std::set<std::string> taken_;
};

std::vector<std::string> leaves(const Flow& flow) {
    const bool whole = flow.kind != Flow::Kind::series && flow.kind != Flow::Kind::parallel;
    if (whole) {
        return {flow.name};
    }
    std::vector<std::string> out;
    for (const auto& part : flow.parts) {
        auto inner = leaves(part);
        std::ranges::move(inner, std::back_inserter(out));
    }
    return out;
}

}  // namespace

std::string title_of(const Flow& flow) {
    constexpr std::size_t kRoom = 8;  // for a number, and for "End"
    const auto names = leaves(flow);
    auto all = fmt::format("{}", fmt::join(names, "And"));
    return all.size() + kRoom <= kLongestState
               ? all
               : fmt::format("{}And{}More", names.front(), names.size() - 1);
}

Flow arrange(const Plan& plan) {
    std::vector<const Step*> steps;
    for (const auto& step : plan.steps) {
        steps.push_back(&step);
    }
    auto flow = Arranger{plan}.arrange(steps, Per::run);
    Namer{plan}.name(flow);
    return flow;
}

std::string distros_state(const Flow& flow) {
    constexpr std::string_view kForEach = "ForEach";
    return fmt::format("Get{}sForVersion", flow.name.substr(kForEach.size()));
}

std::string entry_of(const Flow& flow) {
    switch (flow.kind) {
        case Flow::Kind::step:
            return "PrepareTo" + flow.name;
        case Flow::Kind::series:
            return entry_of(flow.parts.front());
        case Flow::Kind::parallel:
        case Flow::Kind::versions:
            return flow.name;
        case Flow::Kind::distros:
            break;
    }
    return distros_state(flow);
}

}  // namespace kiln::release

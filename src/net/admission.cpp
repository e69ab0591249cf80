#include "net/admission.hpp"

#include <string_view>

namespace kiln::net {

std::size_t Admission::Hash::operator()(const Origin& origin) const noexcept {
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(origin.data()), origin.size()}
    );
}

Admission::Answer Admission::admit(const Origin& origin) {
    if (full()) {
        return Answer::too_many;
    }
    auto& count = by_origin_[origin];
    if (count >= most_of_one_) {
        return Answer::too_many_of_one;
    }
    ++count;
    ++open_;
    return Answer::yes;
}

void Admission::leave(const Origin& origin) {
    --open_;
    const auto found = by_origin_.find(origin);
    if (--found->second == 0) {
        by_origin_.erase(found);
    }
}

}  // namespace kiln::net

#include "api/sqs/message_digest.hpp"

#include "base/md5.hpp"

#include <array>

namespace kiln::api::sqs {

namespace {

void add(Md5& md5, std::string_view text) {
    const auto size = text.size();
    const std::array<char, 4> length{
        static_cast<char>(size >> 24U),
        static_cast<char>(size >> 16U),
        static_cast<char>(size >> 8U),
        static_cast<char>(size)};
    md5.update({length.data(), length.size()}).update(text);
}

}  // namespace

bool is_binary(std::string_view type) noexcept {
    return type.starts_with("Binary");
}

std::string attributes_md5(const ports::MessageAttributes& attributes) {
    Md5 md5;
    for (const auto& [name, attribute] : attributes) {
        add(md5, name);
        add(md5, attribute.type);
        md5.update(is_binary(attribute.type) ? "\x02" : "\x01");
        add(md5, attribute.value);
    }
    return md5.finish();
}

}  // namespace kiln::api::sqs

#include "redis/message_record.hpp"

#include "base/base64.hpp"
#include "ports/job_record.hpp"

#include <charconv>

namespace kiln::redis {

namespace {

/// Stands where the sequence will, until the text is cut there.
constexpr std::string_view kSequenceMark = "<<sequence>>";

bool is_binary(std::string_view type) {
    return type == "Binary" || type.starts_with("Binary.");
}

json::object write_attributes(const ports::MessageAttributes& attributes) {
    json::object written;
    for (const auto& [name, attribute] : attributes) {
        const bool binary = is_binary(attribute.type);
        written[name] = json::object{
            {"type", attribute.type},
            {"value", binary ? to_base64(attribute.value) : attribute.value}};
    }
    return written;
}

ports::MessageAttributes read_attributes(const json::object& from, std::vector<Problem>& problems) {
    ports::MessageAttributes attributes;
    for (const auto& [name, value] : from) {
        ObjectReader reader{value, "args[0].attributes." + std::string{name}, problems};
        auto type = reader.string("type", ObjectReader::Need::required).value_or("");
        auto text = reader.string("value", ObjectReader::Need::required).value_or("");
        if (is_binary(type)) {
            auto bytes = from_base64(text);
            if (!bytes) {
                reader.complain("value", "it is not base64");
            }
            text = std::move(bytes).value_or("");
        }
        attributes[std::string{name}] = {std::move(type), std::move(text)};
    }
    return attributes;
}

void read_wrapped(const json::array& args, ports::ReceivedMessage& message) {
    std::vector<Problem> problems;
    const json::value none;
    ObjectReader reader{args.empty() ? none : args.front(), "args[0]", problems};
    message.body = reader.string("body", ObjectReader::Need::required).value_or("");
    message.group = reader.string("group").value_or("");
    if (const auto* attributes = reader.object("attributes")) {
        message.attributes = read_attributes(*attributes, problems);
    }
    if (!problems.empty()) {
        throw Error{"not a message of kiln's", problems};
    }
}

}  // namespace

MessageText write_message(
    const ports::OutgoingMessage& message,
    const std::string& queue,
    const std::string& id,
    TimePoint now
) {
    json::object inner{{"body", message.body}};
    if (!message.attributes.empty()) {
        inner["attributes"] = write_attributes(message.attributes);
    }
    if (!message.group.empty()) {
        inner["group"] = message.group;
    }
    const bool fifo = queue.ends_with(".fifo");
    json::object job{
        {"retry", true},
        {"queue", queue},
        {"class", kMessageClass},
        {"jid", id},
        {"created_at", ports::job_time(now)},
        {"enqueued_at", ports::job_time(now)}};
    if (!fifo) {
        job["args"] = json::array{std::move(inner)};
        return {json::serialize(job), ""};
    }
    // The sequence is put at the very end, so that no text of the message is taken for the mark.
    inner["sequence"] = kSequenceMark;
    job["args"] = json::array{std::move(inner)};
    auto text = json::serialize(job);
    const auto mark = text.rfind(kSequenceMark);
    KILN_CHECK(mark != std::string::npos);
    return {text.substr(0, mark), text.substr(mark + kSequenceMark.size())};
}

ports::ReceivedMessage read_message(std::string_view text, std::string receipt) {
    ports::ReceivedMessage message;
    auto parts = read_receipt(receipt);
    message.id = std::move(parts.id);
    message.receives = parts.count;
    message.receipt = std::move(receipt);
    const auto value = parse_json(text);
    const auto* job = value.if_object();
    const auto* created = job != nullptr ? job->if_contains("created_at") : nullptr;
    if (created != nullptr) {
        message.sent = ports::read_job_time(*created).value_or(TimePoint{});
    }
    const auto* kind = job != nullptr ? job->if_contains("class") : nullptr;
    const auto* args = job != nullptr ? job->if_contains("args") : nullptr;
    const bool wrapped =
        kind != nullptr && kind->is_string() && kind->get_string() == kMessageClass;
    if (wrapped && args != nullptr && args->is_array()) {
        read_wrapped(args->get_array(), message);
    } else {
        message.body = text;
    }
    return message;
}

ReceiptParts read_receipt(std::string_view receipt) {
    const auto first = receipt.find('-');
    const auto second = first == std::string_view::npos ? first : receipt.find('-', first + 1);
    ReceiptParts parts;
    if (second != std::string_view::npos && second + 1 < receipt.size() && second > first + 1) {
        const auto nonce = receipt.substr(first + 1, second - first - 1);
        const auto [end, error] =
            std::from_chars(receipt.data(), receipt.data() + first, parts.count);
        parts.id = receipt.substr(second + 1);
        if (error == std::errc{} && end == receipt.data() + first && parts.count > 0 &&
            nonce.find_first_not_of("0123456789abcdef") == std::string_view::npos) {
            return parts;
        }
    }
    throw Error{ErrorKind::invalid, "that is no receipt of a queue in Redis"};
}

}  // namespace kiln::redis

#include "aws/signing_key_cache.hpp"

namespace kiln::aws {

SigningKey SigningKeyCache::key(const Credentials& credentials, const Scope& scope) {
    const std::pair name{credentials.access_key_id, scope};
    {
        auto keys = keys_.lock();
        const auto found = keys->find(name);
        if (found != keys->end() && found->second.secret == credentials.secret_access_key) {
            return found->second.key;
        }
    }
    const auto key = signing_key(credentials.secret_access_key, scope);
    auto keys = keys_.lock();
    if (keys->size() >= kMost) {
        keys->clear();
    }
    keys->insert_or_assign(name, Entry{credentials.secret_access_key, key});
    return key;
}

}  // namespace kiln::aws

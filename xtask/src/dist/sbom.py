"""What a crate is compiled from, as CycloneDX: `cargo metadata | sbom.py CRATE Cargo.lock > FILE`.

The same crate gives the same bytes: the time is SOURCE_DATE_EPOCH, and the number follows from what is
in it.
"""

import json
import os
import sys
import tomllib
import uuid
from datetime import datetime, timezone

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL


def compiled(metadata, root):
    """The ids of all packages that a build of one takes part of, with what each depends on."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    found, waiting = {}, [root]
    while waiting:
        one = waiting.pop()
        if one not in found:
            kinds = ((dep["pkg"], {kind["kind"] for kind in dep["dep_kinds"]}) for dep in nodes[one]["deps"])
            # What only tests need is in nothing that ships.
            found[one] = {package for package, of in kinds if of != {"dev"}}
            waiting.extend(found[one])
    return found


def component(package, sums, is_root):
    name, version = package["name"], package["version"]
    purl = PackageURL("cargo", name=name, version=version)
    # Older crates separate alternatives by a slash.
    licence = (package["license"] or "").replace("/", " OR ")
    checksum = sums.get((name, version))
    return Component(
        name=name,
        version=version,
        type=ComponentType.APPLICATION if is_root and name == "pyshim-gen" else ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        description=package["description"],
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else [],
    )


def main(crate, lock):
    metadata = json.load(sys.stdin)
    packages = {package["id"]: package for package in metadata["packages"]}
    root = next(one for one in metadata["workspace_members"] if packages[one]["name"] == crate)
    with open(lock, "rb") as file:
        locked = tomllib.load(file)["package"]
    sums = {(one["name"], one["version"]): one.get("checksum") for one in locked}
    found = compiled(metadata, root)
    components = {one: component(packages[one], sums, one == root) for one in found}
    bom = Bom(
        components=[made for one, made in components.items() if one != root],
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(sorted(str(c.purl) for c in components.values()))),
    )
    bom.metadata.component = components[root]
    bom.metadata.timestamp = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc)
    for one, needed in found.items():
        bom.register_dependency(components[one], [components[other] for other in needed])
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong:
        sys.exit(f"error: the SBOM of {crate} is not what CycloneDX allows: {wrong}")
    print(text)


main(*sys.argv[1:])

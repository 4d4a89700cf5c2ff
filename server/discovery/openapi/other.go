package openapi

import "k8s.io/apimachinery/pkg/runtime/schema"

// plain returns a path that is no resource and can only be got.
func plain(path, id, tag, description, model string, types ...string) pathItem {
	return pathItem{path: path, routes: []route{{
		method: "get", id: id, tag: tag, description: description,
		produces: types, responses: answers(model, ok),
	}}}
}

// negotiated returns the same for answers of the API machinery.
func negotiated(path, id, tag, description, model string) pathItem {
	p := plain(path, id, tag, description, meta+model, objectTypes...)
	p.routes[0].consumes = objectTypes
	return p
}

// corePath and groupsPath, groupPath and versionPath are the paths of discovery.

func corePath() pathItem {
	return negotiated("/api/", "getCoreAPIVersions", "core", "get available API versions", "APIVersions")
}

func groupsPath() pathItem {
	return negotiated("/apis/", "getAPIVersions", "apis", "get available API versions", "APIGroupList")
}

func groupPath(group string) pathItem {
	return negotiated("/apis/"+group+"/", "get"+camel(groupName(group), true)+"APIGroup", camel(groupName(group), false),
		"get information of a group", "APIGroup")
}

func versionPath(gv schema.GroupVersion) pathItem {
	return negotiated(basePath(gv)+"/", operationID("get", gv, "APIResources"), tagOf(gv), "get available resources", "APIResourceList")
}

// serverVersionPath, openIDPath and keysPath are what the server says of itself.

func serverVersionPath() pathItem {
	p := plain("/version/", "getCodeVersion", "version", "get the version information for this server",
		"io.k8s.apimachinery.pkg.version.Info", "application/json")
	p.routes[0].consumes = []string{"application/json"}
	return p
}

func openIDPath() pathItem {
	return plain("/.well-known/openid-configuration/", "getServiceAccountIssuerOpenIDConfiguration", "WellKnown",
		"get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'", "string", "application/json")
}

func keysPath() pathItem {
	return plain("/openid/v1/jwks/", "getServiceAccountIssuerOpenIDKeyset", "openid",
		"get service account issuer OpenID JSON Web Key Set (contains public token verification keys)", "string", "application/jwk-set+json")
}

package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/story"
)

// doc describes a route: the API's own description is made of these, so that a
// route which is not described cannot be there.
type doc struct {
	says string
	// query are the parameters after ?.
	query []string
	// body and answer are values of the types that are sent and answered; nil for
	// none.
	body, answer any
	// status is that of success; 200 when zero.
	status int
	// match says that the route needs If-Match.
	match bool
	// reads says that a POST changes nothing. What changes something takes an
	// Idempotency-Key, and runs through change.
	reads bool
}

// object is a node of the description.
type object map[string]any

func (a *API) openAPI(*asked) (*reply, error) {
	return &reply{value: describe(a.table, a.Version)}, nil
}

// describe writes the routes as OpenAPI 3.1.
func describe(table []route, version string) object {
	s := &schemas{named: object{}}
	paths := object{}
	for _, r := range table {
		path, ok := paths[strings.TrimSuffix(Prefix, "/")+r.path].(object)
		if !ok {
			path = object{}
			paths[strings.TrimSuffix(Prefix, "/")+r.path] = path
		}
		path[strings.ToLower(r.method)] = operation(s, r)
	}
	return object{
		"openapi": "3.1.0",
		"info": object{"title": "Broadsheet", "version": version, "description": "What programs may ask of the newsroom. " +
			"Identities are strings. Times are RFC 3339 in UTC. Errors are problem details (RFC 9457). Unknown keys and parameters are refused.",
			"license": object{"name": "Apache-2.0", "identifier": "Apache-2.0"}},
		"servers": []object{{"url": "/"}},
		"paths":   paths,
		"components": object{
			"schemas":         s.named,
			"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer", "description": "A token made with `broadsheet token create`."}},
		},
	}
}

// pathName is a name in a path.
var pathName = regexp.MustCompile(`\{([a-z]+)\}`)

func operation(s *schemas, r route) object {
	status := r.doc.status
	if status == 0 {
		status = http.StatusOK
	}
	success := object{"description": "Done."}
	if r.doc.answer != nil {
		success["content"] = object{"application/json": object{"schema": s.of(reflect.TypeOf(r.doc.answer))}}
	} else {
		success["content"] = object{"application/json": object{"schema": object{"type": "object"}}}
	}
	failure := object{"description": "What went wrong, in a sentence.", "content": object{"application/problem+json": object{"schema": s.of(reflect.TypeFor[problem]())}}}
	op := object{
		"summary": r.doc.says, "operationId": operationName(r), "parameters": parameters(r),
		"responses": object{fmt.Sprint(status): success, "default": failure},
	}
	if r.right != public {
		op["security"] = []object{{"token": []string{string(r.right)}}}
	}
	if r.method == http.MethodPost || r.method == http.MethodPut {
		schema := object{"type": "object", "additionalProperties": false}
		if r.doc.body != nil {
			schema = s.of(reflect.TypeOf(r.doc.body))
		}
		op["requestBody"] = object{"required": r.doc.body != nil, "content": object{"application/json": object{"schema": schema}}}
	}
	return op
}

// operationName is a route's name for generated clients: putStoriesId.
func operationName(r route) string {
	var name strings.Builder
	name.WriteString(strings.ToLower(r.method))
	for _, word := range strings.FieldsFunc(r.path, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String()
}

func parameters(r route) []object {
	text := object{"type": "string"}
	list := []object{}
	for _, found := range pathName.FindAllStringSubmatch(r.path, -1) {
		list = append(list, object{"name": found[1], "in": "path", "required": true, "schema": text})
	}
	for _, name := range r.doc.query {
		list = append(list, object{"name": name, "in": "query", "schema": text})
	}
	if r.doc.match {
		list = append(list, object{"name": "If-Match", "in": "header", "required": true, "schema": text, "description": "The ETag of what is meant, as it was read."})
	}
	if r.method != http.MethodGet && !r.doc.reads {
		list = append(list, object{"name": "Idempotency-Key", "in": "header", "schema": text, "description": "Makes a retry safe: the same key and request get the first answer again, for a week."})
	}
	return list
}

// schemas are the types of the API as JSON Schema, each once by its name.
type schemas struct{ named object }

var (
	marshaler = reflect.TypeFor[json.Marshaler]()
	timeType  = reflect.TypeFor[time.Time]()
	blockType = reflect.TypeFor[body.Block]()
	marksType = reflect.TypeFor[body.Marks]()
)

// choices are the words of types that have few.
var choices = map[reflect.Type]any{
	reflect.TypeFor[story.Genre](): story.AllGenres(),
	reflect.TypeFor[changeKind]():  changes,
}

// of is the schema of a type.
func (s *schemas) of(t reflect.Type) object {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == timeType:
		return object{"type": "string", "format": "date-time"}
	case t == marksType:
		return object{"type": "array", "items": object{"type": "string"}}
	case t.Kind() == reflect.Int64 && t.Implements(marshaler):
		return object{"type": "string", "pattern": "^[0-9]+$"}
	case t == blockType:
		return s.block()
	}
	switch t.Kind() {
	case reflect.Struct:
		return s.structure(t)
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.String:
		if words, few := choices[t]; few {
			return object{"type": "string", "enum": words}
		}
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64, reflect.Float32:
		return object{"type": "number"}
	case reflect.Interface:
		return object{}
	}
	return object{"type": "integer"}
}

// structure refers to the schema of a struct, which is made when it is met first.
func (s *schemas) structure(t reflect.Type) object {
	name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
	if t.PkgPath() == blockType.PkgPath() {
		name = "Body" + name
	}
	reference := object{"$ref": "#/components/schemas/" + name}
	if _, met := s.named[name]; met {
		return reference
	}
	s.named[name] = object{} // a type that contains itself meets this
	s.named[name] = s.fields(t)
	return reference
}

func (s *schemas) fields(types ...reflect.Type) object {
	properties, required := object{}, []string{}
	var add func(t reflect.Type)
	add = func(t reflect.Type) {
		for f := range t.Fields() {
			tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && tag == "":
				add(f.Type)
			case tag == "-" || !f.IsExported():
			default:
				properties[tag] = s.of(f.Type)
				if strings.Contains(options, "omit") {
					continue
				}
				required = append(required, tag)
				if f.Type.Kind() == reflect.Pointer { // null says something
					properties[tag] = object{"anyOf": []object{s.of(f.Type), {"type": "null"}}}
				}
			}
		}
	}
	for _, t := range types {
		add(t)
	}
	schema := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		slices.Sort(required)
		schema["required"] = required
	}
	return schema
}

// block is one of the kinds of blocks, told apart by their type.
func (s *schemas) block() object {
	const name = "Block"
	reference := object{"$ref": "#/components/schemas/" + name}
	if _, met := s.named[name]; met {
		return reference
	}
	s.named[name] = object{}
	var kinds []object
	for _, kind := range body.Kinds() {
		var types []reflect.Type
		for _, shape := range (body.Block{}).Shape(kind) {
			types = append(types, reflect.TypeOf(shape))
		}
		schema := s.fields(types...)
		properties := maps.Clone(schema["properties"].(object))
		properties["type"] = object{"type": "string", "const": kind}
		schema["properties"] = properties
		schema["required"] = []string{"type"} // a key is given to a block that has none
		kinds = append(kinds, schema)
	}
	s.named[name] = object{"oneOf": kinds}
	return reference
}

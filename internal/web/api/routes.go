package api

import (
	"net/http"

	"broadsheet/internal/news/staff"
)

// Methods, short for the table.
const (
	get    = http.MethodGet
	post   = http.MethodPost
	put    = http.MethodPut
	remove = http.MethodDelete
)

// routes is the whole API: every address, who may ask it, what answers, and how
// it is described. Acts take an Idempotency-Key; those on what others may change
// too an If-Match.
func (a *API) routes() []route {
	r := []route{
		{get, "/openapi.json", public, a.openAPI, doc{says: "This description of the API, as OpenAPI 3.1."}},
		{get, "/problems/{kind}", public, a.aboutProblem, doc{says: "What a kind of problem is.", answer: kindOfProblem{}}},

		{get, "/stories", staff.Read, a.listStories, doc{says: "Stories of the desk, the last begun first.", query: []string{"edition", "state", "before", "limit"}, answer: storyList{}}},
		{post, "/stories", staff.Write, a.createStory, doc{says: "Begin a story.", body: newStory{}, answer: done{}, status: http.StatusCreated}},
		{get, "/stories/{id}", staff.Read, a.readStory, doc{says: "A story's newest draft, and how it stands with readers.", answer: storyDraft{}}},
		{put, "/stories/{id}", staff.Write, a.saveStory, doc{says: "Save a draft over the one that If-Match names. A newer save answers 409 with both texts.", body: storyText{}, answer: done{}, match: true}},
		{remove, "/stories/{id}", staff.Write, a.binStory, doc{says: "Set the draft that If-Match names aside, of a story that is neither live nor scheduled. Nothing is lost; restore brings it back.", answer: done{}, match: true}},
		{post, "/stories/{id}/publish", staff.Publish, a.publishStory, doc{says: "Make the draft that If-Match names live.", body: publication{}, answer: done{}, match: true}},
		{post, "/stories/{id}/correct", staff.Publish, a.correctStory, doc{says: "Publish a change of a live story: a typo, an update, or a correction with a note to readers.", body: correction{}, answer: done{}, match: true}},
		{post, "/stories/{id}/schedule", staff.Publish, a.scheduleStory, doc{says: "Have the draft that If-Match names go live at a time. A later save must be scheduled anew.", body: appointment{}, answer: done{}, match: true}},
		{remove, "/stories/{id}/schedule", staff.Publish, a.unscheduleStory, doc{says: "Take a schedule back.", answer: done{}}},
		{post, "/stories/{id}/embargo", staff.Publish, a.embargoStory, doc{says: "Forbid publication before a time; null lifts the embargo.", body: embargo{}, answer: done{}}},
		{post, "/stories/{id}/withdraw", staff.Publish, a.withdrawStory, doc{says: "Take a live story away from readers, with the reason that its address gives.", body: withdrawal{}, answer: done{}}},
		{post, "/stories/{id}/restore", staff.Publish, a.restoreStory, doc{says: "Take a withdrawal back, or bring back a story that was set aside.", answer: done{}}},
		{get, "/stories/{id}/revisions", staff.Read, a.listRevisions, doc{says: "Every save of a story, the newest first.", query: []string{"before", "limit"}, answer: revisionList{}}},
		{get, "/stories/{id}/revisions/{revision}", staff.Read, a.readRevision, doc{says: "One save with its text.", answer: revision{}}},
		{post, "/stories/{id}/revisions/{revision}/restore", staff.Write, a.restoreRevision, doc{says: "Save an earlier text as a new draft.", answer: done{}, match: true}},
		{get, "/stories/{id}/versions", staff.Read, a.listVersions, doc{says: "Every publication of a story, the newest first.", query: []string{"before", "limit"}, answer: versionList{}}},
		{get, "/stories/{id}/receipt", staff.Read, a.readReceipt, doc{says: "The newest proof that a change reached readers.", answer: receipt{}}},
		{get, "/stories/{id}/receipts", staff.Read, a.listReceipts, doc{says: "The proofs of a story, the newest first.", query: []string{"before", "limit"}, answer: receiptList{}}},
		{get, "/schedule", staff.Read, a.listSchedule, doc{says: "What waits for its time, the next first.", query: []string{"before", "limit"}, answer: scheduleList{}}},

		{get, "/editions", staff.Read, a.listEditions, doc{says: "The editions, the default one first.", answer: editionList{}}},
		{get, "/sections", staff.Read, a.listSections, doc{says: "The sections of all editions, or of one.", query: []string{"edition"}, answer: sectionList{}}},
		{post, "/sections", staff.Arrange, a.createSection, doc{says: "Add a section.", body: sectionWords{}, answer: sectionView{}, status: http.StatusCreated}},
		{get, "/sections/{id}", staff.Read, a.readSection, doc{says: "A section.", answer: sectionView{}}},
		{put, "/sections/{id}", staff.Arrange, a.saveSection, doc{says: "Change a section that is still as If-Match says. One that somebody changed answers 409 with the newest.", body: sectionWords{}, answer: sectionView{}, match: true}},
		{get, "/topics", staff.Read, a.listTopics, doc{says: "The topics, the newest first.", query: []string{"before", "limit"}, answer: topicList{}}},
		{post, "/topics", staff.Arrange, a.createTopic, doc{says: "Add a topic.", body: topicWords{}, answer: topicView{}, status: http.StatusCreated}},
		{get, "/topics/{id}", staff.Read, a.readTopic, doc{says: "A topic.", answer: topicView{}}},
		{put, "/topics/{id}", staff.Arrange, a.saveTopic, doc{says: "Change a topic that is still as If-Match says. One that somebody changed answers 409 with the newest.", body: topicWords{}, answer: topicView{}, match: true}},
		{get, "/authors", staff.Read, a.listAuthors, doc{says: "The authors, the newest first.", query: []string{"before", "limit"}, answer: authorList{}}},
		{post, "/authors", staff.Arrange, a.createAuthor, doc{says: "Add an author.", body: authorWords{}, answer: authorView{}, status: http.StatusCreated}},
		{get, "/authors/{id}", staff.Read, a.readAuthor, doc{says: "An author.", answer: authorView{}}},
		{put, "/authors/{id}", staff.Arrange, a.saveAuthor, doc{says: "Change an author who is still as If-Match says. One whom somebody changed answers 409 with the newest.", body: authorWords{}, answer: authorView{}, match: true}},
		{get, "/fronts/{id}", staff.Read, a.readFront, doc{says: "The plan that a front stands on; the identity is an edition's key, or a section's identity for the front of that section.", answer: frontView{}}},
		{put, "/fronts/{id}", staff.Arrange, a.launchFront, doc{says: "Launch a plan over the version that If-Match names.", body: frontPlan{}, answer: frontView{}, match: true}},
		{get, "/fronts/{id}/plan", staff.Arrange, a.readPlan, doc{says: "The plan that is being arranged; the launched one, with the sequence 0, where nobody has begun.", answer: plannedView{}}},
		{put, "/fronts/{id}/plan", staff.Arrange, a.savePlan, doc{says: "Save a plan, which readers see nothing of, over the save that If-Match names.", body: plannedFront{}, answer: plannedView{}, match: true}},
		{post, "/fronts/{id}/plan/launch", staff.Arrange, a.launchPlan, doc{says: "Launch the saved plan that If-Match names over the version that it was made from.", answer: frontView{}, match: true}},
		{post, "/fronts/{id}/plan/discard", staff.Arrange, a.discardPlan, doc{says: "Forget the saved plan that If-Match names.", answer: plannedView{}, match: true}},
		{post, "/fronts/{id}/undo", staff.Arrange, a.undoFront, doc{says: "Launch again the plan before the version that If-Match names, which must be the present one.", answer: frontView{}, match: true}},
	}
	for _, more := range [][]route{a.viewRoutes(), a.hookRoutes(), a.redactionRoutes(), a.contentRoutes()} {
		r = append(r, more...)
	}
	return r
}
